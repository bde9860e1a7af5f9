using FtpActors.Journal.Sqlite;
using SQLitePCL;

namespace FtpActors.Journal.Tests.Sqlite;

public sealed class SqliteDeliveryTests : DeliveryContract
{
    private readonly DataFolder _folder = new();

    protected override async Task<IJournal> OpenAsync(TimeProvider clock) =>
        await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = _folder.Path, Host = "ftp1", Shards = 4, Clock = clock });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task the_one_node_of_an_embedded_journal_reads_its_hosts_deliveries_with_the_shards()
    {
        using var folder = new DataFolder();
        await using var journal = await folder.OpenAsync();
        IDeliveries deliveries = journal;
        var now = DateTimeOffset.UtcNow;
        await deliveries.AddAsync(1, [.. new[] { "ftp1", "ftp2", null }.Select((host, i) => new NewDelivery($"{i}", "r", "upload", null, false, host, "{}", now, null))]);

        Assert.Equal(["0", "2"], (await deliveries.ReadDueAsync(1, "ftp1", now, new HashSet<long>(), [], 10)).Select(d => d.Delivery.Key));
    }

    [Theory]
    [InlineData("deliveries.sql", "read_due", "delivery_due")]
    [InlineData("deliveries.sql", "read_next_due", "delivery_due")]
    [InlineData("deliveries.sql", "insert_delivery", "delivery_line")]
    [InlineData("deliveries.sql", "unblock_first", "delivery_line")]
    [InlineData("deliveries.sql", "block_next", "delivery_line")]
    [InlineData("deliveries.sql", "revive_delivery", "delivery_line")]
    [InlineData("deliveries.sql", "insert_try", "sqlite_autoindex_delivery_try_1")]
    [InlineData("deliveries.sql", "read_tries", "sqlite_autoindex_delivery_try_1")]
    [InlineData("deliveries.sql", "query_deliveries", "PRIMARY KEY")]
    [InlineData("deliveries.sql", "query_deliveries_in_state", "delivery_state")]
    [InlineData("deliveries.sql", "query_deliveries_in_state_backwards", "delivery_state")]
    [InlineData("deliveries.sql", "count_deliveries", "COVERING INDEX delivery_rule")]
    [InlineData("replays.sql", "read_replay_place", "PRIMARY KEY")]
    public void no_statement_on_the_way_of_a_delivery_reads_a_whole_table_or_sorts(string file, string name, string index)
    {
        var plan = Explain(Statement(file, name));

        Assert.Contains(plan, line => line.Contains(index, StringComparison.Ordinal));
        // Counts go through all of one index; nothing goes through the table.
        Assert.DoesNotContain(plan, line => line.StartsWith("SCAN", StringComparison.Ordinal) && !line.Contains("COVERING INDEX", StringComparison.Ordinal)
            && !line.Contains("subquery", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(plan, line => line.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }

    private static string Statement(string file, string name)
    {
        using var stream = typeof(SqliteJournal).Assembly.GetManifestResourceStream($"sqlite/{file}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split("-- name: ").Single(part => part.StartsWith(name + "\n", StringComparison.Ordinal))[name.Length..];
    }

    private List<string> Explain(string sql)
    {
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open_v2(_folder.File, out var db, raw.SQLITE_OPEN_READONLY, null));
        using (db)
        {
            Assert.Equal(raw.SQLITE_OK, raw.sqlite3_prepare_v2(db, "EXPLAIN QUERY PLAN " + sql, out var statement));
            using (statement)
            {
                var plan = new List<string>();
                while (raw.sqlite3_step(statement) == raw.SQLITE_ROW)
                    plan.Add(raw.sqlite3_column_text(statement, 3).utf8_to_string());
                return plan;
            }
        }
    }
}
