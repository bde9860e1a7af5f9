using FtpActors.Actors;
using FtpActors.Actors.Stored;
using FtpActors.Ingest;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Bench;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;

namespace FtpActors.Node.Tests.Engine;

public sealed class DamageTests : IDisposable
{
    private const int Users = 60;
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("journal.db", 1)]
    [InlineData("spool.db", 2)]
    public async Task A_flipped_bit_ends_in_a_running_node_or_in_one_clear_sentence_and_no_wrong_total_goes_unflagged(string file, int seed)
    {
        var whole = Directory.CreateDirectory(Path.Combine(_scratch.Folder, "whole")).FullName;
        await using (var node = await StartAsync(whole))
        {
            await FillAsync(node);
            await node.CalmAsync(Limit());
        }
        Checkpoint(Path.Combine(whole, file));
        // What the history says is then made anew of what can be read.
        File.Delete(Path.Combine(whole, "history.db"));
        var random = new Random(seed);
        var (ran, refused, flagged) = (0, 0, 0);
        for (var flip = 0; flip < 12; flip++)
        {
            var folder = Path.Combine(_scratch.Folder, $"flip{flip}");
            Copy(whole, folder);
            Flip(Path.Combine(folder, file), random);
            try
            {
                await using var node = await StartAsync(folder);
                ran++;
                await node.CalmAsync(Limit());
                var isFlagged = await IsFlaggedAsync(node, folder);
                flagged += isFlagged ? 1 : 0;
                var sessions = await node.Engine.History.QuerySessionsAsync(new SessionQuery()).ToListAsync();
                Assert.True(isFlagged || (sessions.Count == Users && sessions.All(s => s is { Uploads: 3, BytesUp: 3000, Ended: SessionEnded.Logout })), $"flip {flip} goes unnoticed");
            }
            catch (JournalUnusableException e)
            {
                refused++;
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
            }
            Directory.Delete(folder, recursive: true);
        }
        Assert.True(ran > 5 && flagged + refused > 0, $"{ran} ran, {refused} were refused, {flagged} were flagged");
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
        }
    }

    private static Task<BenchEngine> StartAsync(string folder) => BenchEngine.StartAsync(folder, [], new NoActions(), 1, Limit());

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;

    private static async Task FillAsync(BenchEngine node)
    {
        for (var i = 0; i < Users; i++)
            await node.Spool.AppendAsync(new SourceBatch("src", Session($"user{i}"), []));
        await node.CalmAsync(Limit());
    }

    private static List<FtpEvent> Session(string user) =>
        [Event(EventKind.Login, user), Event(EventKind.Upload, user, "/a"), Event(EventKind.Upload, user, "/b"), Event(EventKind.Upload, user, "/c"), Event(EventKind.Logout, user)];

    private static FtpEvent Event(EventKind kind, string user, string? path = null) => new()
    {
        ReceivedAt = Start, Kind = kind, Host = "bench", Source = "src", Service = "site", User = user, RemoteHost = "10.0.0.1", Path = path, Bytes = path is null ? null : 1000,
        Status = EventStatus.Ok,
    };

    private static async Task<bool> IsFlaggedAsync(BenchEngine node, string folder)
    {
        var damaged = (await node.Spool.ReadStatusAsync()).Damaged + (await node.Engine.Handlers.ReadStatusAsync()).Sum(h => h.Damaged);
        return damaged > 0 || new JournalCheck(Path.Combine(folder, "journal.db"), HandlerSerializer.DamageOf).Run().Any()
            || new JournalCheck(Path.Combine(folder, "spool.db"), SpoolSerializer.DamageOf).Run().Any();
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    // Everything into the file itself.
    private static void Checkpoint(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private static void Flip(string file, Random random)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[random.Next(4096, bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(file, bytes);
    }
}
