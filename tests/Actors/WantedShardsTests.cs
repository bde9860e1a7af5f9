using FtpActors.Actors.Rebuild;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>Groups of two nodes that share a journal in a real PostgreSQL and are told which shards they want.</summary>
[Collection("postgres")]
public sealed class WantedShardsTests(PostgresServer server) : IAsyncLifetime
{
    private const int Shards = 4;
    private const string Spool = "0011223344556677";
    // The events are from long ago: no session is to end as idle before its next one is appended.
    private static readonly ShardOptions Patient = new() { IdleLimit = TimeSpan.FromDays(36_500) };
    private readonly List<PostgresJournal> _journals = [];
    private readonly List<ShardGroup> _groups = [];
    private string _database = "";
    private long _appended;

    public async Task InitializeAsync()
    {
        _database = await server.MakeDatabaseAsync();
        foreach (var name in new[] { "one", "two" })
        {
            var journal = await server.OpenAsync(_database, shards: Shards);
            _journals.Add(journal);
            _groups.Add(new ShardGroup(journal, name, Patient, new Horizon(), TimeProvider.System, NullLoggerFactory.Instance));
            _groups[^1].StartEmpty();
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var group in _groups)
            await group.DisposeAsync();
        foreach (var journal in _journals)
            await journal.DisposeAsync();
    }

    [Fact]
    public async Task Every_event_is_counted_once_while_shards_go_from_node_to_node()
    {
        var random = new Random(8);
        var events = Enumerable.Range(0, 60).SelectMany(u => OneSession($"user{u}")).ToList();
        foreach (var batch in events.Chunk(20))
        {
            var first = Enumerable.Range(0, Shards).Where(_ => random.Next(2) == 0).ToHashSet();
            _groups[0].Want(first);
            _groups[1].Want(Enumerable.Range(0, Shards).Except(first).ToHashSet());
            await AppendAsync(batch);
        }
        // Both may want a shard; one has it.
        var all = Enumerable.Range(0, Shards).ToHashSet();
        await UntilAsync("everything is applied", async () =>
        {
            foreach (var group in _groups)
                group.Want(all);
            return (await _journals[0].ReadBacklogAsync()).All(s => s.Waiting == 0);
        });

        Assert.Empty(_groups[0].Held.Intersect(_groups[1].Held));
        Assert.Equal(Run(events).Summary(), await SummaryAsync());
    }

    [Fact]
    public async Task A_shard_that_is_no_longer_wanted_is_free_for_others_at_once_and_its_place_is_empty()
    {
        _groups[0].Want(new HashSet<int> { 0, 1 });
        await UntilAsync("they are here", () => Task.FromResult(_groups[0].Held.SetEquals([0, 1])));
        _groups[0].Want(new HashSet<int> { 1 });
        _groups[1].Want(new HashSet<int> { 0 });
        await UntilAsync("it has moved", () => Task.FromResult(_groups[1].Held.Contains(0)));
        Assert.Equal([1], _groups[0].Held);
        _groups[0].Want(new HashSet<int>());
        await _groups[0].EmptyAsync();
        Assert.False((await _journals[1].ReadClusterAsync()).Shards[1].IsHeld);
    }

    [Fact]
    public async Task A_shard_that_fails_here_again_and_again_is_let_go_and_refused()
    {
        _groups[0].Committed += (shard, _) =>
        {
            if (shard == Poisoned)
                throw new InvalidOperationException("a failure of the test");
        };
        _groups[0].Want(Enumerable.Range(0, Shards).ToHashSet());
        var sent = 0;
        await UntilAsync("the shard is refused", async () =>
        {
            await AppendAsync([Event(EventKind.Login, sent++, "anna")]);
            return _groups[0].Refused.Contains(Poisoned);
        });
        _groups[1].Want(new HashSet<int> { Poisoned });
        await UntilAsync("the other one has it", () => Task.FromResult(_groups[1].Held.Contains(Poisoned)));
        Assert.Equal([Poisoned], _groups[0].Refused);
    }

    [Fact]
    public async Task A_rebuild_looks_at_the_shards_that_are_here_and_names_the_others()
    {
        await AppendAsync([.. Enumerable.Range(0, 20).SelectMany(u => OneSession($"user{u}"))]);
        _groups[0].Want(new HashSet<int> { 0, 2 });
        _groups[1].Want(new HashSet<int> { 1, 3 });
        await UntilAsync("everything is applied", async () => (await _journals[0].ReadBacklogAsync()).All(s => s.Waiting == 0));

        var reports = new List<RebuildReport>();
        for (var i = 0; i < 2; i++)
            reports.Add(await _groups[i].RebuildAsync(_journals[i], apply: false, default));

        Assert.Equal([1, 3], reports[0].Elsewhere);
        Assert.Equal([0, 2], reports[1].Elsewhere);
        Assert.Equal(20, reports.Sum(r => r.Sessions));
        Assert.All(reports, r => Assert.Equal(0, r.Missing + r.Extra + r.Different));
    }

    private static int Poisoned => SessionKey.Of(Event(EventKind.Login, 0, "anna")).Shard(Shards);

    private static FtpEvent[] OneSession(string user) =>
    [
        Event(EventKind.Login, 0, user), Event(EventKind.Upload, 10, user, "/a", 100, time: Start, seconds: 0.01), Event(EventKind.Logout, 40, user),
    ];

    private async Task AppendAsync(FtpEvent[] events)
    {
        await _journals[0].AppendAsync(Spool, "ftp1", _appended, events);
        _appended += events.Length;
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            if (limit.IsCancellationRequested)
                Assert.Fail($"Not within a minute: {what}");
            await Task.Delay(20);
        }
    }

    private async Task<IReadOnlyList<string>> SummaryAsync()
    {
        var sessions = new List<SessionRecord>();
        await foreach (var session in _journals[0].QuerySessionsAsync(new SessionQuery(), default))
            sessions.Add(session);
        return Summary(sessions);
    }
}
