using System.Buffers;
using System.Text;
using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

/// <summary>
/// Events as the rows they become: payloads written as JSON into one buffer, on the caller's own thread, so that the writer only binds and steps.
/// </summary>
internal sealed class EventRows
{
    // A restart of a server concerns sessions of every shard.
    private const int EveryShard = -1;

    private static readonly byte[][] Kinds = [.. Names.AllKinds.Select(Encoding.UTF8.GetBytes)];

    private readonly ArrayBufferWriter<byte> _payloads;
    private readonly int[] _ends;
    private readonly int[] _shards;

    public EventRows(IReadOnlyList<FtpEvent> events, int shards)
    {
        Events = events;
        _payloads = new ArrayBufferWriter<byte>(Math.Max(256, events.Count * 320));
        _ends = new int[events.Count];
        _shards = new int[events.Count];

        using var json = EventJson.NewWriter(_payloads);
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            EventJson.WritePayload(json, e);
            json.Flush();
            json.Reset();
            _ends[i] = _payloads.WrittenCount;
            _shards[i] = e.Flags.HasFlag(EventFlags.ServerRestart) ? EveryShard : SessionKey.Of(e).Shard(shards);
        }
    }

    public IReadOnlyList<FtpEvent> Events { get; }

    public int Bytes => _payloads.WrittenCount;

    /// <summary>
    /// Inserts the events from <paramref name="skip"/> on, with seqs from <paramref name="first"/> on. Shard by shard, so that neighbours in
    /// the batch are neighbours in the table.
    /// </summary>
    /// <returns>For every shard that got any: what a subscriber is to be told. Empty when nobody asks.</returns>
    public List<FreshEvents> Insert(Statement insert, SpoolHead spool, int skip, long first, bool wanted)
    {
        var fresh = new List<FreshEvents>();
        insert.Bind(2, spool.Num);
        for (var shard = 0; shard < spool.LastOfShard.Length; shard++)
        {
            List<StoredEvent>? stored = null;
            var previous = spool.LastOfShard[shard];
            insert.Bind(1, shard);
            for (var i = skip; i < _shards.Length; i++)
            {
                if (_shards[i] != shard && _shards[i] != EveryShard)
                    continue;

                var seq = first + i - skip;
                InsertOne(insert, i, seq);
                spool.LastOfShard[shard] = seq;
                if (wanted)
                    (stored ??= []).Add(new StoredEvent(spool.Id, seq, Events[i]));
            }
            if (stored is not null)
                fresh.Add(new FreshEvents(shard, previous, stored));
        }
        return fresh;
    }

    /// <summary>The event of a row whose columns are seq, received_at, kind, payload.</summary>
    public static StoredEvent Read(Statement row, string spool)
    {
        // A word that is not known was written by a newer node.
        if (!Names.TryKind(row.Text(2), out var kind))
            kind = EventKind.Other;
        try
        {
            return new StoredEvent(spool, row.Integer(0), EventJson.ReadPayload(row.Bytes(3), Times.FromMicroseconds(row.Integer(1)), kind));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new SqliteFailure(SQLitePCL.raw.SQLITE_CORRUPT, $"event {spool}-{row.Integer(0)} has a payload that is not an event: {e.Message}");
        }
    }

    private void InsertOne(Statement insert, int i, long seq)
    {
        var start = i == 0 ? 0 : _ends[i - 1];
        insert.Bind(3, seq)
            .Bind(4, Times.ToMicroseconds(Events[i].ReceivedAt))
            .Bind(5, Kinds[(int)Events[i].Kind])
            .Bind(6, _payloads.WrittenSpan[start.._ends[i]])
            .Run();
    }
}

/// <summary>What <see cref="IFreshEvents.Offer"/> is to be told after the commit.</summary>
internal readonly record struct FreshEvents(int Shard, long Previous, List<StoredEvent> Events);
