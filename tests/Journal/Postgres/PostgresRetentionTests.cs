using FtpActors.Journal.Postgres;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

[Collection("postgres")]
public sealed class PostgresRetentionTests(PostgresServer server)
{
    private static readonly DateTimeOffset FirstDay = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task only_days_that_are_wholly_applied_are_dropped_and_only_whole_days()
    {
        await using var journal = await OpenAsync(await server.MakeDatabaseAsync());
        // Ten events on each of four days.
        await journal.AppendAsync("s", "ftp1", 0, [.. Enumerable.Range(0, 40).Select(i => On(i / 10, i))]);
        Assert.Empty(await journal.DropBeforeAsync(FirstDay.AddDays(9)));
        // The third day is applied but for one event that is held; the fourth is applied, but not over.
        await ApplyAsync(journal, 40, held: 25);

        Assert.Equal([Day(0), Day(1)], await journal.DropBeforeAsync(FirstDay.AddDays(3).AddHours(23)));

        Assert.Equal(Enumerable.Range(21, 20).Select(i => (long)i), (await journal.ReadAllAsync("s")).Select(e => e.Seq).Order());
        Assert.Equal(20, (await journal.QueryEventsAsync(new EventQuery(), default).ToListAsync()).Count);
        await ApplyAsync(journal, 40, held: null);
        Assert.Equal([Day(2)], await journal.DropBeforeAsync(FirstDay.AddDays(3).AddHours(23)));
        Assert.Equal([Day(3)], await journal.DropBeforeAsync(FirstDay.AddDays(4)));
        Assert.Empty(await journal.ReadAllAsync("s"));
        Assert.All(await journal.ReadBacklogAsync(), line => Assert.Equal(0, line.Waiting));
    }

    [Fact]
    public async Task a_late_event_of_a_dropped_day_makes_the_day_anew()
    {
        var database = await server.MakeDatabaseAsync();
        await using var journal = await OpenAsync(database);
        await journal.AppendAsync("s", "ftp1", 0, [.. Enumerable.Range(0, 20).Select(i => On(i / 10, i))]);
        await ApplyAsync(journal, 20, held: null);
        // By another node, so that this one does not know.
        await using (var other = await OpenAsync(database))
            Assert.Equal([Day(0)], await other.DropBeforeAsync(FirstDay.AddDays(1)));

        await journal.AppendAsync("s", "ftp1", 20, [On(0, 5), On(1, 6)]);

        Assert.Equal(Enumerable.Range(11, 12).Select(i => (long)i), (await journal.ReadAllAsync("s")).Select(e => e.Seq).Order());
        Assert.Equal(2, (await journal.ReadBacklogAsync()).Sum(line => line.Waiting));
        await ApplyAsync(journal, 22, held: null);
        Assert.Equal([Day(0), Day(1)], await journal.DropBeforeAsync(FirstDay.AddDays(2)));
    }

    [Fact]
    public async Task a_drop_waits_for_nothing_long_and_says_what_it_left()
    {
        var database = await server.MakeDatabaseAsync();
        var told = new List<string>();
        await using var journal = await PostgresJournal.OpenAsync(OwnServer.Options(server.Connection(database)) with { Trouble = told.Add });
        await journal.AppendAsync("s", "ftp1", 0, [.. Enumerable.Range(0, 20).Select(i => On(i / 10, i))]);
        await ApplyAsync(journal, 20, held: null);
        await using (var reader = new NpgsqlConnection(server.Connection(database)))
        {
            await reader.OpenAsync();
            await using var transaction = await reader.BeginTransactionAsync();
            await using var select = new NpgsqlCommand("SELECT count(*) FROM event", reader);
            await select.ExecuteScalarAsync();

            Assert.Empty(await journal.DropBeforeAsync(FirstDay.AddDays(2)).WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("2026-03-01", Assert.Single(told), StringComparison.Ordinal);
        }

        Assert.Equal([Day(0), Day(1)], await journal.DropBeforeAsync(FirstDay.AddDays(2)));
    }

    [Fact]
    public async Task with_hundreds_of_days_the_way_of_an_event_touches_only_the_days_it_needs()
    {
        var database = await server.MakeDatabaseAsync();
        await using var journal = await OpenAsync(database);
        await journal.AppendAsync("s", "ftp1", 0, [.. Enumerable.Range(0, 20).Select(i => On(0, i))]);
        await ApplyAsync(journal, 20, held: null);
        await server.ExecuteAsync(database, "SELECT make_event_day('2026-03-01'::date + i) FROM generate_series(0, 399) i");
        await using var other = await OpenAsync(database);
        var heard = new Heads();
        other.Subscribe(heard);
        for (var shard = 0; shard < other.Shards; shard++)
            await other.TakeShardAsync(shard, "other");

        // Whoever so much as plans a query of these days waits for this lock until the test is over its time.
        await using var locker = new NpgsqlConnection(server.Connection(database) + ";Pooling=false");
        await locker.OpenAsync();
        await using var transaction = await locker.BeginTransactionAsync();
        await using (var locks = new NpgsqlCommand("LOCK TABLE event_20260301, event_20260302, event_20260701 IN ACCESS EXCLUSIVE MODE", locker))
            await locks.ExecuteNonQueryAsync();

        // Often enough for prepared statements to become generic plans, if they would.
        async Task WorkAsync()
        {
            for (var i = 0; i < 12; i++)
            {
                await journal.AppendAsync("s", "ftp1", 20 + i, [On(200, i)]);
                var e = (await Task.WhenAll(Enumerable.Range(0, 4).Select(shard => journal.ReadShardAsync(shard, "s", 20, 100)))).SelectMany(x => x).ToList();
                Assert.Equal(i + 1, e.Count);
                var last = e.MaxBy(x => x.Seq)!;
                var owner = SessionKey.Of(last.Event).Shard(4);
                Assert.Equal([last], await journal.ReadEventsAsync(owner, "s", [last.Seq]));
                Assert.Contains(last, await journal.ReadShardSinceAsync(owner, "s", FirstDay.AddDays(200), last.Seq));
                Assert.Equal(i + 1, (await journal.ReadBacklogAsync()).Sum(line => line.Waiting));
                Assert.Equal([last], await journal.QueryEventsAsync(new EventQuery { After = new Dictionary<string, long> { ["s"] = 20 }, Last = 1 }, default).ToListAsync());
            }
        }
        await WorkAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.IsTrueAsync(() => heard.Last == 32, "the other node heard of the last event");
    }

    private Task<PostgresJournal> OpenAsync(string database) => PostgresJournal.OpenAsync(OwnServer.Options(server.Connection(database)));

    private static FtpEvent On(int day, int i) => TestEvents.Make(i) with { ReceivedAt = FirstDay.AddDays(day).AddHours(1).AddSeconds(i) };

    private static DateOnly Day(int day) => DateOnly.FromDateTime(FirstDay.AddDays(day).UtcDateTime);

    private static async Task ApplyAsync(PostgresJournal journal, long upTo, long? held)
    {
        for (var shard = 0; shard < journal.Shards; shard++)
        {
            var own = await journal.ReadShardAsync(shard, "s", 0, 1000);
            var lease = await journal.TakeShardAsync(shard, "me");
            long[] waiting = own.Any(e => e.Seq == held) ? [held!.Value] : [];
            await journal.CommitAsync(new ShardStep(shard, lease.Epoch, [new Checkpoint("s", upTo, waiting)], [], 0, 0));
            await journal.GiveBackShardAsync(shard);
        }
    }

    private sealed class Heads : IFreshEvents
    {
        private long _last;

        public long Last => Volatile.Read(ref _last);

        public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events) => Volatile.Write(ref _last, Math.Max(_last, events[^1].Seq));
    }
}
