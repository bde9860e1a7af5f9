using FtpActors.Journal.Postgres;
using FtpActors.Protocol;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>What one node appends, the owner of the shard on another node hears of.</summary>
[Collection("postgres")]
public sealed class PostgresListenerTests(PostgresServer server)
{
    [Fact]
    public async Task appends_of_one_node_are_offered_on_another_whole_and_in_order_also_after_its_connection_was_killed()
    {
        var database = await server.MakeDatabaseAsync();
        await using var ingest = await OpenAsync(database, poll: TimeSpan.FromMinutes(5));
        await using var handler = await OpenAsync(database, poll: TimeSpan.FromMinutes(5));
        var heard = await OwnAllAsync(handler);
        await ListensAsync(database);
        await ingest.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 50));
        await Eventually.IsTrueAsync(() => heard.Has(50), "the first events were heard of");

        for (var i = 50; i < 500; i += 50)
            await ingest.AppendAsync("s", "ftp1", i, TestEvents.Range(i, 50));
        await Eventually.IsTrueAsync(() => heard.Has(500), "all events were heard of");
        Assert.Equal(await handler.ReadAllAsync("s"), heard.All());
        Assert.Empty(heard.Broken);

        await server.ExecuteAsync(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ftpactors listener' AND datname = current_database()");
        await ingest.AppendAsync("s", "ftp1", 500, TestEvents.Range(500, 50));
        await Eventually.IsTrueAsync(() => heard.Has(550), "the events of the gap were heard of");
        await ListensAsync(database);
        await ingest.AppendAsync("s", "ftp1", 550, TestEvents.Range(550, 50));
        await Eventually.IsTrueAsync(() => heard.Has(600), "events after the gap were heard of");
        Assert.Empty(heard.Broken);
    }

    [Fact]
    public async Task an_append_that_no_notification_told_of_is_found_by_the_poll()
    {
        var database = await server.MakeDatabaseAsync();
        await using var ingest = await OpenAsync(database, poll: TimeSpan.FromMinutes(5));
        await using var handler = await OpenAsync(database, poll: TimeSpan.FromMilliseconds(300));
        await ingest.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 50));
        var heard = await OwnAllAsync(handler);
        await ListensAsync(database);

        // As an append leaves them, without its NOTIFY.
        await server.ExecuteAsync(database, """
            INSERT INTO event SELECT shard, spool, seq + 50, received_at, kind, payload FROM event;
            UPDATE spool SET last_seq = 100;
            UPDATE spool_day SET last_seq = 100;
            UPDATE spool_shard SET last_seq = last_seq + 50;
            """);

        await Eventually.IsTrueAsync(() => heard.Has(100), "the poll found it");
        Assert.Empty(heard.Broken);
    }

    private Task<PostgresJournal> OpenAsync(string database, TimeSpan poll) =>
        PostgresJournal.OpenAsync(OwnServer.Options(server.Connection(database)) with { Poll = poll, Lease = TimeSpan.FromSeconds(5) });

    private static async Task<Hearer> OwnAllAsync(PostgresJournal journal)
    {
        var heard = new Hearer();
        journal.Subscribe(heard);
        for (var shard = 0; shard < journal.Shards; shard++)
            await journal.TakeShardAsync(shard, "handler");
        return heard;
    }

    private Task<TimeSpan> ListensAsync(string database) => Eventually.IsTrueAsync(
        () => server.ReadAsync<bool>(database, "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'ftpactors listener' "
            + "AND datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN%')"),
        "the other node listened");

    /// <summary>Follows as a shard does: what continues where it stands is taken, a head with an unknown previous one is noted, others are not in order.</summary>
    private sealed class Hearer : IFreshEvents
    {
        private readonly Lock _gate = new();
        private readonly SortedDictionary<(int Shard, long Seq), StoredEvent> _events = [];
        private readonly Dictionary<int, long> _heads = [];

        public List<string> Broken { get; } = [];

        public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
        {
            lock (_gate)
            {
                var head = _heads.GetValueOrDefault(shard);
                if (previous != -1 && previous != head)
                    Broken.Add($"shard {shard} stood at {head} and was offered what follows {previous}");
                if (!events.SequenceEqual(events.OrderBy(e => e.Seq)))
                    Broken.Add($"shard {shard} was offered events out of order");
                foreach (var e in events)
                    _events[(shard, e.Seq)] = e;
                _heads[shard] = Math.Max(head, events[^1].Seq);
            }
        }

        public bool Has(long seq)
        {
            lock (_gate)
                return _heads.Values.DefaultIfEmpty().Max() >= seq;
        }

        public List<(int Shard, long Seq, FtpEvent Event)> All()
        {
            lock (_gate)
                return [.. _events.Select(e => (e.Key.Shard, e.Key.Seq, e.Value.Event))];
        }
    }
}
