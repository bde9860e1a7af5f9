using System.Diagnostics;

namespace FtpActors.EndToEnd.Tests;

public sealed class NetworkTests
{
    [Fact]
    public async Task A_handler_that_is_cut_off_loses_its_shards_within_10_s_and_writes_nothing_stale_when_it_is_joined_again()
    {
        using var network = new HostNetwork();
        var address = network.Add("db");
        await using var database = new Database(address, network.On("db"));
        await database.StartAsync();
        foreach (var host in (string[])["h1", "h2", "h3", "ftp1"])
            network.Add(host);
        await using var one = new ClusterNode("h1", database.Connection, lease: "6s", before: network.On("h1"));
        await using var two = new ClusterNode("h2", database.Connection, lease: "6s", before: network.On("h2"));
        await using var three = new ClusterNode("h3", database.Connection, lease: "6s", before: network.On("h3"));
        await using var ftp = new ClusterNode("ftp1", database.Connection, ingest: true, before: network.On("ftp1"));
        foreach (var node in (ClusterNode[])[one, two, three, ftp])
            node.Start();
        await Until.TrueAsync("the journal is made", async () => await database.ReadAsync<bool>("SELECT to_regclass('node') IS NOT NULL"));
        await Until.TrueAsync("each handler has its share", async () => await SharesAsync(database) is "h1:5,h2:5,h3:6" or "h1:5,h2:6,h3:5" or "h1:6,h2:5,h3:5");
        var writers = new WriterLog(database);
        await writers.StartAsync();
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "4000", "--seed", "9", "--rate", "2500");
        await Until.TrueAsync("the one that will be cut off writes", async () => await WrittenByAsync(database, "h2") > 0);

        network.Cut("h2");
        var cut = Stopwatch.StartNew();
        // All of them: in between they are free, and still named after their last owner.
        await Until.TrueAsync("the others have its shards", async () => await HeldByOthersAsync(database, "h2") == 16, 10);
        Assert.True(cut.Elapsed < TimeSpan.FromSeconds(10), $"{cut.Elapsed}");
        network.Cut("ftp1");
        await Until.TrueAsync("what was read meanwhile waits in its spool", async () => (await simulation.ExitAsync()) == 0);
        network.Join("ftp1");
        network.Join("h2");

        await Until.TrueAsync("it has its share again", async () => (await SharesAsync(database)).Contains("h2:5", StringComparison.Ordinal), 90);
        var (sent, _, distinct) = Totals.OfSimulation(simulation.Output);
        await Until.TrueAsync("all is applied", async () => await database.ReadAsync<long>("SELECT count(*) FROM session WHERE closed_at IS NOT NULL") == sent.Sessions, 120);
        Assert.Equal(distinct, await database.ReadAsync<long>("SELECT count(*) FROM event"));
        Assert.Equal(sent.BytesUp, await database.ReadAsync<long>("SELECT sum(bytes_up)::bigint FROM session"));
        // It works again, too: whatever it may have had to do meanwhile, this is new.
        await using var more = Program.Start("simulate", "--to", $"mqueue:{ftp.Key}", "--sessions", "400", "--seed", "10", "--rate", "2500");
        Assert.Equal(0, await more.ExitAsync());
        await Until.TrueAsync("it writes again", async () => await WrittenByAsync(database, "h2") > 0);
        await writers.RequireOneWriterAsync();
    }

    // Owners of shards whose lock is held right now, as the server says.
    private static Task<string> SharesAsync(Database database) => database.ReadAsync<string>("""
        SELECT coalesce(string_agg(owner || ':' || shards, ',' ORDER BY owner), '') FROM (
            SELECT split_part(s.owner, ' ', 1) AS owner, count(*) AS shards FROM shard s
            WHERE EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.pid = s.owner_pid) GROUP BY 1) o
        """);

    private static Task<long> HeldByOthersAsync(Database database, string than) => database.ReadAsync<long>($"""
        SELECT count(*) FROM shard s WHERE split_part(s.owner, ' ', 1) <> '{than}'
            AND EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.pid = s.owner_pid)
        """);

    private static Task<long> WrittenByAsync(Database database, string owner) => database.ReadAsync<long>(
        $"SELECT count(*) FROM writer_log w JOIN shard s ON s.id = w.shard AND s.epoch = w.epoch WHERE s.owner LIKE '{owner}%'");
}
