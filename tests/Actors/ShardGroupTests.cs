using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>Shards on a real SQLite journal.</summary>
public sealed class ShardGroupTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-shards-").FullName;
    private SqliteJournal _journal = null!;

    public async Task InitializeAsync() => _journal = await OpenAsync();

    public async Task DisposeAsync()
    {
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Sessions_count_every_event_exactly_once_however_often_the_shards_are_replaced()
    {
        var random = new Random(4);
        var clean = DisorderedTraffic.Clean(random).Concat(Enumerable.Range(0, 30).SelectMany(u => OneSession($"many{u}"))).ToList();
        var expected = Run(clean).Summary();

        // Stands at the time of the events, or all of them would be long past the idle limit.
        var horizon = new Horizon();
        using var mark = horizon.Add(Start);
        var sent = 0;
        while (sent < clean.Count)
        {
            // No drain: the next owner takes the shards while the last one may still be working.
            var group = NewGroup(horizon: horizon);
            await group.StartAsync(default);
            var batch = clean.Skip(sent).Take(random.Next(1, 40)).ToList();
            sent += batch.Count;
            await _journal.AppendAsync(new SourceBatch("test", batch, []));
            if (random.Next(2) == 0)
                await group.DisposeAsync();
        }
        await using (var last = NewGroup(horizon: horizon))
        {
            await last.StartAsync(default);
            await AppliedAsync();
        }
        Assert.Equal(expected, await SummaryAsync());
    }

    [Fact]
    public async Task A_shard_that_was_taken_by_another_writes_nothing_more()
    {
        var events = OneSession("anna");
        var shard = SessionKey.Of(events[0]).Shard(_journal.Shards);
        var stale = await _journal.TakeShardAsync(shard, "first");
        var seq = await _journal.AppendAsync(new SourceBatch("test", events, [])) + events.Length - 1;
        var lease = await _journal.TakeShardAsync(shard, "other");

        var session = Run(events).Sessions.Single();
        var step = new ShardStep(shard, stale.Epoch, [new Checkpoint(_journal.SpoolId, seq, [])], [session], 0, 0);
        await Assert.ThrowsAsync<ShardLostException>(() => _journal.CommitAsync(step));
        Assert.Empty(await SummaryAsync());
        Assert.Equal(0, (await _journal.ReadBacklogAsync()).Single(s => s.Shard == shard).Position);

        // Nothing but its epoch was wrong with it.
        await _journal.CommitAsync(step with { Epoch = lease.Epoch });
        Assert.Single(await SummaryAsync());
        Assert.Equal(seq, (await _journal.ReadBacklogAsync()).Single(s => s.Shard == shard).Position);
    }

    [Fact]
    public async Task A_lost_shard_is_taken_again_and_goes_on()
    {
        await using var group = NewGroup();
        await group.StartAsync(default);
        for (var shard = 0; shard < _journal.Shards; shard++)
            await _journal.TakeShardAsync(shard, "thief");
        await _journal.AppendAsync(new SourceBatch("test", [.. OneSession("anna")], []));
        await AppliedAsync();
        Assert.Equal(Run(OneSession("anna")).Summary(), await SummaryAsync());
    }

    [Fact]
    public void Every_queue_is_bounded_a_mailbox_refuses_what_is_beyond_its_capacity()
    {
        var most = new ShardOptions().MailboxBatches;
        Assert.InRange(most, 1, 10_000);
        var mailbox = new Mailbox<int>(most);
        Assert.Equal(most, Enumerable.Range(0, most + 50).Count(mailbox.TryPost));
        Assert.True(mailbox.TryTake(out _));
        Assert.True(mailbox.TryPost(0));
        Assert.False(mailbox.TryPost(0));
    }

    [Fact]
    public async Task A_full_mailbox_loses_nothing_because_the_journal_is_read_instead()
    {
        var options = new ShardOptions { MailboxBatches = 1, StepEvents = 7 };
        await using var group = NewGroup(options);
        await group.StartAsync(default);
        var events = Enumerable.Range(0, 60).SelectMany(u => OneSession($"user{u}")).ToList();
        foreach (var chunk in events.Chunk(3))
            _ = _journal.AppendAsync(new SourceBatch("test", chunk, []));
        await _journal.AppendAsync(new SourceBatch("test", [], []));
        await AppliedAsync();
        Assert.Equal(Run(events).Summary(), await SummaryAsync());
    }

    [Fact]
    public async Task Events_that_come_while_a_shard_pauses_share_its_next_step()
    {
        var pause = TimeSpan.FromSeconds(1);
        await using var group = NewGroup(new ShardOptions { ShortestStepPause = pause, LongestStepPause = pause });
        var steps = 0;
        group.Committed += (_, _) => Interlocked.Increment(ref steps);
        await group.StartAsync(default);
        // Of one session, so of one shard.
        var events = Enumerable.Range(0, 40).Select(i => Event(EventKind.Delete, i, "anna", $"/{i}")).ToList();
        foreach (var e in events)
            await _journal.AppendAsync(new SourceBatch("test", [e], []));
        await AppliedAsync();
        Assert.InRange(steps, 1, 20);
        Assert.Equal(Run(events).Summary(), await SummaryAsync());
    }

    [Fact]
    public async Task What_the_sequencer_holds_survives_its_owner_and_duplicates_are_known_to_the_next_one()
    {
        // The horizon stands still, so the owner cannot let go of anything.
        var horizon = new Horizon();
        using var mark = horizon.Add(Start);
        var login = Event(EventKind.Login, 0, udp: true);
        var upload = Event(EventKind.Upload, 10, path: "/a", bytes: 7, time: Start, seconds: 0.01, udp: true);
        var logout = Event(EventKind.Logout, 100, udp: true);

        await using (var first = NewGroup(horizon: horizon))
        {
            await first.StartAsync(default);
            await _journal.AppendAsync(new SourceBatch("udp", [login, logout], []));
            await ReadAsync();
        }
        Assert.Contains(await _journal.ReadBacklogAsync(), s => s.Position > 0 && s.Waiting == 1);

        await using (var second = NewGroup(horizon: horizon))
        {
            await second.StartAsync(default);
            var again = upload with { ReceivedAt = Start.AddMilliseconds(150) };
            await _journal.AppendAsync(new SourceBatch("udp", [upload, login with { ReceivedAt = Start.AddMilliseconds(120) }, again], []));
            await ReadAsync();
            mark.Advance(Start.AddSeconds(5));
            await AppliedAsync();
        }
        Assert.Equal(Run([login, upload, logout]).Summary(), await SummaryAsync());
        Assert.Equal(2, (await _journal.ReadBacklogAsync()).Sum(s => s.Duplicates));
    }

    private static FtpEvent[] OneSession(string user) =>
    [
        Event(EventKind.Login, 0, user), Event(EventKind.Upload, 10, user, "/a", 100, time: Start, seconds: 0.01),
        Event(EventKind.Delete, 20, user, "/b"), Event(EventKind.Download, 30, user, "/c", 7, EventStatus.Aborted, Start, 0.03),
        Event(EventKind.Logout, 40, user),
    ];

    private Task<SqliteJournal> OpenAsync() =>
        SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = _folder, Shards = 4, Host = "ftp1" });

    private ShardGroup NewGroup(ShardOptions? options = null, Horizon? horizon = null) =>
        new(_journal, "test", options ?? new ShardOptions(), horizon ?? new Horizon(), TimeProvider.System, NullLoggerFactory.Instance);

    private Task AppliedAsync() => UntilAsync(s => s.Waiting == 0);

    // Read, though perhaps held.
    private Task ReadAsync() => UntilAsync(s => s.Position == s.Head);

    private async Task UntilAsync(Func<ShardStatus, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!(await _journal.ReadBacklogAsync()).All(holds))
            await Task.Delay(5, limit.Token);
    }

    private async Task<IReadOnlyList<string>> SummaryAsync()
    {
        var sessions = new List<SessionRecord>();
        await foreach (var session in _journal.QuerySessionsAsync(new SessionQuery(), default))
            sessions.Add(session);
        return Summary(sessions);
    }
}
