using System.Buffers;
using FtpActors.Journal.Postgres.Spread;
using FtpActors.Protocol;
using Npgsql;
using NpgsqlTypes;

namespace FtpActors.Journal.Postgres;

/// <summary>Events as the rows they become: payloads written as JSON into one buffer, before any connection is taken.</summary>
internal sealed class AppendRows
{
    // A restart of a server concerns sessions of every shard.
    private const int EveryShard = -1;
    // Another server of the journal gets it.
    private const int Elsewhere = -2;

    private readonly ArrayBufferWriter<byte> _payloads;
    private readonly int[] _ends;
    private readonly int[] _shards;
    private readonly IReadOnlyList<FtpEvent> _events;
    private readonly ServerPlace? _place;

    /// <param name="events">The events.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="place">The server they are for: events of other servers' shards only count; null for the only server.</param>
    public AppendRows(IReadOnlyList<FtpEvent> events, int shards, ServerPlace? place)
    {
        _events = events;
        _place = place;
        _payloads = new ArrayBufferWriter<byte>(Math.Max(256, events.Count * 320));
        _ends = new int[events.Count];
        _shards = new int[events.Count];

        using var json = EventJson.NewWriter(_payloads);
        for (var i = 0; i < events.Count; i++)
        {
            _shards[i] = ShardOf(events[i], shards);
            if (_shards[i] != Elsewhere)
            {
                EventJson.WritePayload(json, events[i]);
                json.Flush();
                json.Reset();
            }
            _ends[i] = _payloads.WrittenCount;
        }
    }

    public int Count => _events.Count;

    /// <summary>Days (UTC) that need a partition.</summary>
    public IEnumerable<DateOnly> Days => _events.Where((_, i) => _shards[i] != Elsewhere).Select(DayOf).Distinct();

    /// <summary>First and last seq of every day, of the events from <paramref name="skip"/> on with seqs from <paramref name="first"/> on.</summary>
    public SortedDictionary<DateOnly, (long First, long Last)> SeqsOfDays(int skip, long first)
    {
        var days = new SortedDictionary<DateOnly, (long First, long Last)>();
        for (var i = skip; i < _events.Count; i++)
        {
            if (_shards[i] == Elsewhere)
                continue;
            var (day, seq) = (DayOf(_events[i]), first + i - skip);
            days[day] = days.TryGetValue(day, out var there) ? (there.First, seq) : (seq, seq);
        }
        return days;
    }

    /// <summary>
    /// Copies the events from <paramref name="skip"/> on, with seqs from <paramref name="first"/> on. Shard by shard, so that neighbours in the
    /// batch are neighbours in the table.
    /// </summary>
    /// <returns>For every shard that got any, what a subscriber is to be told; <paramref name="lastOfShard"/> is moved.</returns>
    public async Task<List<FreshEvents>> CopyAsync(NpgsqlConnection connection, string spool, int num, int skip, long first, long[] lastOfShard)
    {
        var fresh = new List<FreshEvents>();
        await using var copy = await connection.BeginBinaryImportAsync(SqlTexts.CopyEvents).ConfigureAwait(false);
        for (var shard = 0; shard < lastOfShard.Length; shard++)
        {
            if (!IsHere(shard))
                continue;
            List<StoredEvent>? stored = null;
            for (var i = skip; i < _shards.Length; i++)
            {
                if (_shards[i] != shard && _shards[i] != EveryShard)
                    continue;
                var seq = first + i - skip;
                await WriteOneAsync(copy, i, shard, num, seq).ConfigureAwait(false);
                (stored ??= []).Add(new StoredEvent(spool, seq, _events[i]));
            }
            if (stored is null)
                continue;
            fresh.Add(new FreshEvents(shard, lastOfShard[shard], stored));
            lastOfShard[shard] = stored[^1].Seq;
        }
        await copy.CompleteAsync().ConfigureAwait(false);
        return fresh;
    }

    private int ShardOf(FtpEvent e, int shards)
    {
        if (e.Flags.HasFlag(EventFlags.ServerRestart))
            return EveryShard;
        var shard = SessionKey.Of(e).Shard(shards);
        return IsHere(shard) ? shard : Elsewhere;
    }

    private bool IsHere(int shard) => _place is null || _place.Has(shard);

    private static DateOnly DayOf(FtpEvent e) => DateOnly.FromDateTime(e.ReceivedAt.UtcDateTime);

    private async ValueTask WriteOneAsync(NpgsqlBinaryImporter copy, int i, int shard, int spool, long seq)
    {
        var start = i == 0 ? 0 : _ends[i - 1];
        await copy.StartRowAsync().ConfigureAwait(false);
        await copy.WriteAsync(shard, NpgsqlDbType.Integer).ConfigureAwait(false);
        await copy.WriteAsync(spool, NpgsqlDbType.Integer).ConfigureAwait(false);
        await copy.WriteAsync(seq, NpgsqlDbType.Bigint).ConfigureAwait(false);
        await copy.WriteAsync(_events[i].ReceivedAt.UtcDateTime, NpgsqlDbType.TimestampTz).ConfigureAwait(false);
        await copy.WriteAsync(Names.Of(_events[i].Kind), NpgsqlDbType.Text).ConfigureAwait(false);
        await copy.WriteAsync(_payloads.WrittenMemory[start.._ends[i]], NpgsqlDbType.Json).ConfigureAwait(false);
    }
}

/// <summary>What <see cref="IFreshEvents.Offer"/> is to be told after the commit.</summary>
internal readonly record struct FreshEvents(int Shard, long Previous, List<StoredEvent> Events);
