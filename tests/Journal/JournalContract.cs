using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol;

namespace FtpActors.Journal.Tests;

/// <summary>The promises of a journal, whatever engine keeps it. A subclass says how one is made; every test gets an empty one.</summary>
public abstract partial class JournalContract : IAsyncLifetime
{
    private const string Spool = "00112233aabbccdd";

    private IJournal Journal { get; set; } = null!;

    /// <summary>Opens the journal of this test; later calls, after the first was disposed, open the same one.</summary>
    protected abstract Task<IJournal> OpenAsync();

    public async Task InitializeAsync() => Journal = await OpenAsync();

    public virtual async Task DisposeAsync() => await Journal.DisposeAsync();

    [Fact]
    public async Task appended_events_come_back_whole_each_in_the_shard_of_its_session()
    {
        var full = TestEvents.Make(1) with
        {
            Time = TestEvents.Start, Session = "s-1", Email = "a@b", PathTo = "/x\\xFF\\\\", Flags = EventFlags.Short | EventFlags.BadNumber,
            Type = "FXP_\"x\"", Fingerprint = "abc", Path = "/naïve/☃/'; DROP TABLE event; --/\u0007", Seconds = 1e-3, Bytes = long.MaxValue,
        };
        FtpEvent[] events = [full, .. TestEvents.Range(2, 50)];

        await Journal.AppendAsync(Spool, "ftp1", 0, events);

        var stored = await Journal.ReadAllAsync(Spool);
        Assert.Equal(Enumerable.Range(1, 51).Select(i => (long)i), stored.Select(s => s.Seq).Order());
        Assert.All(stored, s => Assert.Equal(events[s.Seq - 1], s.Event));
        Assert.All(stored, s => Assert.Equal(SessionKey.Of(s.Event).Shard(Journal.Shards), s.Shard));
    }

    [Fact]
    public async Task an_event_has_one_identity_appending_a_batch_twice_changes_nothing()
    {
        var events = TestEvents.Range(0, 30);
        await Journal.AppendAsync(Spool, "ftp1", 0, events);
        var once = await Journal.ReadAllAsync(Spool);

        await Journal.AppendAsync(Spool, "ftp1", 0, events);
        await Journal.AppendAsync(Spool, "ftp1", 10, events[10..20]);

        Assert.Equal(once, await Journal.ReadAllAsync(Spool));
    }

    [Fact]
    public async Task a_gap_is_refused_and_writes_nothing()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 3));

        await Assert.ThrowsAsync<InvalidOperationException>(() => Journal.AppendAsync(Spool, "ftp1", 4, TestEvents.Range(4, 3)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Journal.AppendAsync("another", "ftp1", 1, TestEvents.Range(1, 3)));

        Assert.Equal(3, (await Journal.ReadAllAsync(Spool)).Count);
        Assert.DoesNotContain("another", await Journal.ReadSpoolsAsync());
    }

    [Fact]
    public async Task every_split_of_a_batch_with_any_repeats_gives_the_same_journal()
    {
        var events = TestEvents.Range(0, 40);
        await Journal.AppendAsync(Spool, "ftp1", 0, events);
        var whole = await Journal.ReadAllAsync(Spool);
        var run = 0;

        // A step is how many new events a batch has, and how many old ones it repeats before them.
        var steps = Gen.ListOf(Gen.Zip(Gen.Choose(0, 15), Gen.Choose(0, 10)));
        Prop.ForAll(steps.ToArbitrary(), async split =>
        {
            var spool = $"split-{run++}";
            await AppendInSteps(spool, events, [.. split.Select(s => (s.Item1, s.Item2)), (events.Length, 0)]);
            Assert.Equal(whole, await Journal.ReadAllAsync(spool));
        }).QuickCheckThrowOnFailure();
    }

    private async Task AppendInSteps(string spool, FtpEvent[] events, IReadOnlyList<(int Fresh, int Repeated)> steps)
    {
        var there = 0;
        foreach (var (fresh, repeated) in steps)
        {
            var from = Math.Max(0, there - repeated);
            var to = Math.Min(events.Length, there + fresh);
            await Journal.AppendAsync(spool, "ftp1", from, events[from..to]);
            there = to;
        }
    }

    [Fact]
    public async Task a_restart_of_a_server_is_in_every_shard_under_one_seq_and_is_listed_once()
    {
        var restart = TestEvents.Make(2) with { Kind = EventKind.Other, Flags = EventFlags.ServerRestart };

        await Journal.AppendAsync(Spool, "ftp1", 0, [TestEvents.Make(1), restart, TestEvents.Make(3)]);

        var stored = await Journal.ReadAllAsync(Spool);
        Assert.Equal(Enumerable.Range(0, Journal.Shards), stored.Where(s => s.Seq == 2).Select(s => s.Shard));
        Assert.Equal([1, 2, 3], (await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Select(s => s.Seq));
    }

    [Fact]
    public async Task events_are_read_by_position_by_seq_and_by_time()
    {
        // One user: one shard.
        FtpEvent[] events = [.. TestEvents.Range(0, 20).Select(e => e with { User = "ann" })];
        var shard = SessionKey.Of(events[0]).Shard(Journal.Shards);
        await Journal.AppendAsync(Spool, "ftp1", 0, events);

        Assert.Equal([6, 7, 8], Seqs(await Journal.ReadShardAsync(shard, Spool, 5, 3)));
        Assert.Empty(await Journal.ReadShardAsync(shard, Spool, 20, 3));
        Assert.Empty(await Journal.ReadShardAsync(shard, "unknown", 0, 3));
        Assert.Equal([3, 9], Seqs(await Journal.ReadEventsAsync(shard, Spool, [9, 3, 99])));
        Assert.Equal([16, 17, 18], Seqs(await Journal.ReadShardSinceAsync(shard, Spool, TestEvents.Start.AddSeconds(15), 18)));
    }

    [Fact]
    public async Task a_subscriber_hears_of_every_durable_event_once_with_the_seq_before_it()
    {
        var heard = new Listener();
        Journal.Subscribe(heard);

        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 25));
        await Journal.AppendAsync(Spool, "ftp1", 20, TestEvents.Range(20, 25));

        Assert.Equal(await Journal.ReadAllAsync(Spool), [.. heard.Events.OrderBy(e => e.Shard)]);
        Assert.Empty(heard.WrongPrevious);
    }

    [Fact]
    public async Task the_journal_knows_after_a_reopen_all_it_knew_before()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 25));
        var lease = await Journal.TakeShardAsync(1, "me");
        await Journal.CommitAsync(new ShardStep(1, lease.Epoch, [new Checkpoint(Spool, 9, [7])], [TestEvents.Session("x-1")], 2, 3));
        var (events, backlog) = (await Journal.ReadAllAsync(Spool), await Journal.ReadBacklogAsync());

        await Journal.DisposeAsync();
        Journal = await OpenAsync();

        Assert.Equal(events, await Journal.ReadAllAsync(Spool));
        Assert.Equal(backlog, await Journal.ReadBacklogAsync());
        Assert.Equal(lease.Epoch + 1, (await Journal.TakeShardAsync(1, "me")).Epoch);
        await Journal.AppendAsync(Spool, "ftp1", 20, TestEvents.Range(20, 25));
        Assert.Equal(45, (await Journal.ReadAllAsync(Spool)).Count);
    }

    private static IEnumerable<long> Seqs(IEnumerable<StoredEvent> events) => events.Select(e => e.Seq);

    /// <summary>Checks the chain of "previous" per shard.</summary>
    private sealed class Listener : IFreshEvents
    {
        private readonly Dictionary<int, long> _last = [];

        public List<(int Shard, long Seq, FtpEvent Event)> Events { get; } = [];

        public List<int> WrongPrevious { get; } = [];

        // Shards may be told of at the same time.
        public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
        {
            lock (_last)
            {
                if (previous != -1 && previous != _last.GetValueOrDefault(shard))
                    WrongPrevious.Add(shard);
                foreach (var stored in events)
                    Events.Add((shard, stored.Seq, stored.Event));
                _last[shard] = events[^1].Seq;
            }
        }
    }
}
