using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Stored;
using FtpActors.Ingest;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Bench;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace FtpActors.Node.Tests.Engine;

/// <summary>
/// Damage of every file of a node that is alone: each case ends in a running node, or in one sentence that names the file and the way out, and what is wrong in a total is flagged by
/// the node itself.
/// </summary>
public sealed class DamageTests(ITestOutputHelper output) : IDisposable
{
    private const int Users = 40;
    private static readonly string[] Files = ["journal.db", "spool.db", "history.db", "quarantine.db"];
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly Scratch _scratch = new();
    // Connections to a file of a name that was used before are kept for reuse.
    private int _tried;

    // More of them: FTPACTORS_TEST_FLIPS=500.
    private static int Flips => int.TryParse(Environment.GetEnvironmentVariable("FTPACTORS_TEST_FLIPS"), out var flips) ? flips : 40;

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_flipped_bit_ends_in_a_running_node_or_in_one_clear_sentence_and_no_wrong_total_goes_unflagged()
    {
        var whole = await FillAsync();
        var random = new Random(20260102);
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var flip = 0; flip < Flips; flip++)
        {
            var file = Files[flip % Files.Length];
            // Every other time what the history says is made anew of what can be read.
            var end = await TryAsync(whole, $"flip {flip} of {file}", file, withHistory: file == "history.db" || flip / Files.Length % 2 == 0, path => Flip(path, random));
            ends[$"{file}: {end}"] = ends.GetValueOrDefault($"{file}: {end}") + 1;
        }
        foreach (var (end, count) in ends)
            output.WriteLine($"{end}: {count}");
        Assert.Contains("history.db: flagged", ends.Keys);
        Assert.Contains("journal.db: flagged", ends.Keys);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("spool.db")]
    [InlineData("history.db")]
    [InlineData("quarantine.db")]
    public async Task A_truncated_file_ends_in_a_running_node_or_in_one_clear_sentence(string file)
    {
        var whole = await FillAsync();
        foreach (var part in new[] { 0.0, 0.3, 0.5, 0.9, 0.99 })
            output.WriteLine($"{part}: " + await TryAsync(whole, $"{part} of {file}", file, withHistory: true, path => Truncate(path, part)));
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("spool.db")]
    [InlineData("history.db")]
    [InlineData("quarantine.db")]
    public async Task A_lost_write_ahead_log_ends_in_a_running_node_and_no_wrong_total_goes_unflagged(string file)
    {
        // As a kill leaves it, with everything of the last start in the logs.
        var (folder, killed) = (await FillAsync(), Path.Combine(_scratch.Folder, "killed"));
        await using (var node = await StartAsync(folder))
        {
            await node.Spool.AppendAsync(new SourceBatch("src", Session("later"), []));
            await node.CalmAsync(Limit());
            Copy(folder, killed);
        }
        output.WriteLine(await TryAsync(killed, $"log of {file}", file, withHistory: true, path => File.Delete(path + "-wal"), Users + 1));
    }

    [Theory]
    [InlineData("message = x'0011223344556677'")]
    [InlineData("message = '@ text'")]
    [InlineData("message = x'0011223344556677', identifier = 1700")]
    public async Task The_bytes_of_a_damaged_row_are_in_quarantine_once(string damage)
    {
        var whole = await FillAsync();
        File.Delete(Path.Combine(whole, "history.db"));
        Execute(Path.Combine(whole, "journal.db"), $"UPDATE journal SET {damage} WHERE persistence_id = 'handler-00' AND sequence_number = 2");
        for (var start = 0; start < 2; start++)
        {
            await using var node = await StartAsync(whole);
            await node.CalmAsync(Limit());
            Assert.Equal(1, (await node.Engine.Handlers.ReadStatusAsync()).Sum(h => h.Damaged));
            await Alone.Until(async () => await node.Engine.Quarantine.QueryAsync(0, default).CountAsync() == 2);
            var entry = await node.Engine.Quarantine.QueryAsync(0, default).LastAsync();
            Assert.Equal(("journal", "row 2 of handler 0", 0), (entry.Message.Source, entry.Message.Sender, entry.Message.Bytes[0] & 0x0f));
            Assert.Contains("checksum", entry.Message.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("journal.db", "ALTER TABLE journal RENAME COLUMN message TO messagf")]
    [InlineData("journal.db", "ALTER TABLE journal RENAME COLUMN writer_uuid TO vriter_uuid")]
    [InlineData("spool.db", "ALTER TABLE snapshot RENAME TO rnapshot")]
    public async Task A_name_of_a_table_or_column_that_is_damaged_is_said_at_the_start(string file, string damage)
    {
        var whole = await FillAsync();
        Execute(Path.Combine(whole, file), damage);
        var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => StartAsync(whole));
        Assert.Contains($"{Path.Combine(whole, file)} is damaged or was changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_that_sqlite_itself_adds_are_no_damage()
    {
        var whole = await FillAsync();
        Execute(Path.Combine(whole, "journal.db"), "ANALYZE", "CREATE TABLE lost_and_found (rootpgno, pgno, nfield, id, c0)");
        await using var node = await StartAsync(whole);
        await node.CalmAsync(Limit());
        Assert.False(await IsFlaggedAsync(node));
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("spool.db")]
    public async Task A_damaged_page_that_only_a_write_meets_ends_the_node_with_a_sentence(string file)
    {
        var whole = await FillAsync();
        // Of an index that no start reads.
        ClearRootPage(Path.Combine(whole, file), "journal_created_idx");
        await using var node = await StartAsync(whole);
        await node.CalmAsync(Limit());
        var written = node.Spool.AppendAsync(new SourceBatch("src", Session("later"), []));
        var ended = await Assert.ThrowsAsync<JournalUnusableException>(() => node.Engine.Unreadable.WaitAsync(Limit()));
        Assert.Contains($"{Path.Combine(whole, file)} is damaged", ended.Message, StringComparison.Ordinal);
        if (file == "spool.db")
            await Assert.ThrowsAsync<JournalUnavailableException>(() => written);
        else
            await written;
    }

    [Fact]
    public async Task The_columns_around_a_snapshot_are_mended_as_those_around_a_row()
    {
        var file = Path.Combine(await FillAsync(), "journal.db");
        Execute(file, "INSERT INTO snapshot SELECT persistence_id, sequence_number, created, message, manifest, 1700 FROM journal LIMIT 1", "UPDATE journal SET identifier = 1700 WHERE ordering = 1");
        Assert.Equal(2, await JournalFile.MendAsync(file, HandlerSerializer.Id));
        Assert.Equal(0, await JournalFile.MendAsync(file, HandlerSerializer.Id));
    }

    [Fact]
    public async Task A_history_that_lost_its_last_rows_has_them_again_from_the_journal()
    {
        var folder = await FillAsync();
        Execute(
            Path.Combine(folder, "history.db"), "DELETE FROM session WHERE row > 3",
            """
            DELETE FROM file_operation WHERE EXISTS (
                SELECT 1 FROM row_index i
                WHERE i.row > 3 AND i.handler = file_operation.handler AND i.spool = file_operation.spool AND file_operation.seq BETWEEN i.first_seq AND i.last_seq)
            """);
        await using (var history = await HistoryDatabase.OpenAsync(folder))
        {
            for (var handler = 0; handler < 2; handler++)
                await history.LowerAsync(handler, 3);
        }
        await using var node = await StartAsync(folder);
        await node.CalmAsync(Limit());
        Assert.True((await ReadTotalsAsync(node, Users)).IsWhole);
        Assert.False(await IsFlaggedAsync(node));
    }

    [Fact]
    public async Task A_spool_that_comes_back_from_the_past_gives_no_seq_twice()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_scratch.Folder, "node")).FullName;
        await using (var node = await StartAsync(folder))
            await FillAsync(node);
        File.Copy(Path.Combine(folder, "spool.db"), Path.Combine(_scratch.Folder, "old.db"));
        await using (var node = await StartAsync(folder))
        {
            await node.Spool.AppendAsync(new SourceBatch("src", Session("meanwhile"), []));
            await node.CalmAsync(Limit());
        }
        foreach (var left in Directory.GetFiles(folder, "spool.db*"))
            File.Delete(left);
        File.Copy(Path.Combine(_scratch.Folder, "old.db"), Path.Combine(folder, "spool.db"));

        await using (var node = await StartAsync(folder))
        {
            await node.Spool.AppendAsync(new SourceBatch("src", Session("afterwards"), []));
            await node.CalmAsync(Limit());
            Assert.Equal(Users + 2, await node.Engine.History.QuerySessionsAsync(new SessionQuery()).CountAsync());
            Assert.True(await IsFlaggedAsync(node));
        }
    }

    /// <summary>Starts a node on a copy that was damaged, and says how that ended.</summary>
    private async Task<string> TryAsync(string whole, string name, string file, bool withHistory, Action<string> damage, int users = Users)
    {
        var folder = Path.Combine(_scratch.Folder, $"damaged{_tried++}");
        Copy(whole, folder);
        if (!withHistory)
            File.Delete(Path.Combine(folder, "history.db"));
        damage(Path.Combine(folder, file));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            await using var node = await StartAsync(folder);
            if (clock.Elapsed > TimeSpan.FromSeconds(5))
                output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:0} s to start");
            try
            {
                await CalmAsync(node);
                if (clock.Elapsed > TimeSpan.FromSeconds(5))
                    output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:0} s to calm");
                if (node.Engine.Unreadable.IsFaulted)
                    await node.Engine.Unreadable;
                // A journal whose end is gone, with no history that knew it, is flagged by its check alone.
                var isFlagged = await IsFlaggedAsync(node) || (!withHistory && new JournalCheck(Path.Combine(folder, file), file == "spool.db" ? SpoolSerializer.DamageOf : HandlerSerializer.DamageOf).Run().Any());
                var (isWhole, found) = await ReadTotalsAsync(node, users);
                Assert.True(isWhole || isFlagged || await IsFlaggedAsync(node), $"{name} goes unnoticed: {found}");
                return isFlagged ? "flagged" : "harmless";
            }
            // It ended while it was asked.
            catch (JournalUnavailableException) when (node.Engine.Unreadable.IsFaulted)
            {
                await node.Engine.Unreadable;
                throw;
            }
            // The history does not answer, and says why.
            catch (JournalUnavailableException e) when (node.Engine.History.Damage.Sentence is { } sentence)
            {
                Assert.Equal(sentence, e.Message);
                return "flagged";
            }
            // A damaged page that nobody met but who asks for stored events.
            catch (JournalUnavailableException e) when (file == "journal.db" && e.InnerException is SqliteException)
            {
                Assert.Contains("'ftpactors journal check'", e.Message, StringComparison.Ordinal);
                return "flagged";
            }
        }
        catch (JournalUnusableException e)
        {
            Assert.True(e.Message.Contains(file, StringComparison.Ordinal) && (e.Message.Contains("move", StringComparison.Ordinal) || e.Message.Contains("new data folder", StringComparison.Ordinal) || e.Message.Contains("use that one", StringComparison.Ordinal)),
                $"{name}: {e.Message}");
            return "refused";
        }
        catch (OperationCanceledException)
        {
            throw new InvalidOperationException($"{name}: the node neither runs nor says why.");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            if (clock.Elapsed > TimeSpan.FromSeconds(5))
                output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:0} s to end");
        }
    }

    // A history that takes nothing is flagged, and never calm.
    private static async Task CalmAsync(BenchEngine node)
    {
        var limit = Limit();
        while (node.Engine.HistoryTrouble is null && !node.Engine.Unreadable.IsFaulted && !await node.Engine.IsCalmAsync())
            await Task.Delay(5, limit);
        while (!node.Engine.Unreadable.IsFaulted && !node.Engine.History.Damage.IsChecked)
            await Task.Delay(5, limit);
    }

    private static async Task<bool> IsFlaggedAsync(BenchEngine node) =>
        node.Engine.HistoryTrouble is not null || (await node.Spool.ReadStatusAsync()).Damaged + (await node.Engine.Handlers.ReadStatusAsync()).Sum(h => h.Damaged) > 0;

    private static async Task<(bool IsWhole, string Found)> ReadTotalsAsync(BenchEngine node, int users)
    {
        var history = node.Engine.History;
        // What is run again because its end was lost is soon done.
        var limit = Limit();
        while (!limit.IsCancellationRequested && (await history.CountDeliveriesAsync()).Any(d => d.State == DeliveryState.Due))
            await Task.Delay(20);
        var sessions = await history.QuerySessionsAsync(new SessionQuery()).ToListAsync();
        var operations = await history.QueryOperationsAsync(new OperationQuery()).ToListAsync();
        var deliveries = await history.CountDeliveriesAsync();
        var events = await node.Engine.Events.QueryAsync(new EventQuery(), CancellationToken.None).CountAsync();
        var isWhole = sessions.Count == users && sessions.All(s => s is { Uploads: 3, BytesUp: 3000, Ended: SessionEnded.Logout })
            && operations.Count == users * 3 && operations.All(o => o.Bytes == 1000) && events == users * 5
            && deliveries is [{ State: DeliveryState.Done, Count: var done }] && done == users
            && (await history.CountOpenSessionsAsync(SessionGroup.Host, null, null)).Count == 0;
        return (isWhole, $"{sessions.Count} sessions, {operations.Count} operations, {events} events, deliveries {string.Join(", ", deliveries)}");
    }

    /// <summary>A folder of a node that has ended, with something in every table; everything in the files themselves.</summary>
    private async Task<string> FillAsync()
    {
        var whole = Directory.CreateDirectory(Path.Combine(_scratch.Folder, "whole")).FullName;
        await using (var node = await StartAsync(whole))
            await FillAsync(node);
        foreach (var file in Files)
            Execute(Path.Combine(whole, file), "PRAGMA wal_checkpoint(TRUNCATE)");
        return whole;
    }

    private static async Task FillAsync(BenchEngine node)
    {
        for (var i = 0; i < Users; i++)
            await node.Spool.AppendAsync(new SourceBatch("src", Session($"user{i}"), []));
        await node.Spool.AppendAsync(new SourceBatch("src", [], [new QuarantinedMessage(Start, "src", null, "no idea", [1, 2, 3])]));
        await node.CalmAsync(Limit());
        await Alone.Until(async () => (await node.Engine.History.CountDeliveriesAsync()) is [{ State: DeliveryState.Done, Count: Users }]);
        await node.CalmAsync(Limit());
    }

    private static Task<BenchEngine> StartAsync(string folder) => BenchEngine.StartAsync(folder, [Rule], new SecondTime(), 4, Limit());

    private static Rule Rule => new()
    {
        Name = "damage", On = [TriggerKind.Upload], Path = [Protocol.Globs.Glob.ForPath("/a")],
        Retry = new RetryPolicy(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)),
        Actions = [new ExecAction("/bin/true", [], new Dictionary<string, Template>(), "/", null, null, TimeSpan.FromMinutes(1))],
    };

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    private static List<FtpEvent> Session(string user) =>
        [Event(EventKind.Login, user), Event(EventKind.Upload, user, "/a"), Event(EventKind.Upload, user, "/b"), Event(EventKind.Upload, user, "/c"), Event(EventKind.Logout, user)];

    private static FtpEvent Event(EventKind kind, string user, string? path = null) => new()
    {
        ReceivedAt = Start, Kind = kind, Host = "bench", Source = "src", Service = "site", User = user, RemoteHost = "10.0.0.1", Path = path, Bytes = path is null ? null : 1000,
        Status = EventStatus.Ok,
    };

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from, "*.db*"))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static void ClearRootPage(string file, string name)
    {
        const int pageSize = 4096;
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT rootpage FROM sqlite_master WHERE name = $name";
        command.Parameters.AddWithValue("$name", name);
        var page = (long)command.ExecuteScalar()!;
        connection.Close();
        using var stream = new FileStream(file, FileMode.Open);
        stream.Position = (page - 1) * pageSize;
        stream.Write(new byte[pageSize]);
    }

    private static void Execute(string file, params IEnumerable<string> statements)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        foreach (var statement in statements)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts of this file.
            command.CommandText = statement;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
    }

    private static void Flip(string file, Random random)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(file, bytes);
    }

    private static void Truncate(string file, double part)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength((long)(stream.Length * part));
    }

    // The first try fails, so that there are two of each delivery.
    private sealed class SecondTime : IActionRunner
    {
        public Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel) =>
            Task.FromResult(new ActionOutcome(context.Attempt > 1, Retryable: true, context.Attempt > 1 ? 0 : 1, "tried"));
    }
}
