using FtpActors.Protocol;

namespace FtpActors.Journal.Tests;

/// <summary>Events whose content says which one it is.</summary>
internal static class TestEvents
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Number i of a run: another path each, ten users, one second apart.</summary>
    public static FtpEvent Make(int i) => new()
    {
        ReceivedAt = Start.AddSeconds(i), Kind = i % 3 == 0 ? EventKind.Download : EventKind.Upload, Host = "ftp1", Service = "main",
        Source = "test", User = $"user{i % 10}", RemoteHost = "192.0.2.1", Path = $"/in/{i}.dat", Bytes = i, Seconds = 0.5,
        Status = EventStatus.Ok,
    };

    public static FtpEvent[] Range(int first, int count) => [.. Enumerable.Range(first, count).Select(Make)];

    public static SourceBatch Batch(params IReadOnlyList<FtpEvent> events) => new("test", events, []);

    public static SessionRecord Session(string id, int minute = 0) => new()
    {
        Id = id, Key = new SessionKey("ftp1", "main", "ann", "192.0.2.1", ""), User = "ann", RemoteHost = "192.0.2.1",
        OpenedAt = Start.AddMinutes(minute), LastAt = Start.AddMinutes(minute), Began = SessionBegan.Login,
    };

    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> stream)
    {
        var all = new List<T>();
        await foreach (var one in stream)
            all.Add(one);
        return all;
    }

    /// <summary>Every event of a spool by shard, in the order of the journal.</summary>
    public static async Task<List<(int Shard, long Seq, FtpEvent Event)>> ReadAllAsync(this IJournal journal, string spool)
    {
        var all = new List<(int, long, FtpEvent)>();
        for (var shard = 0; shard < journal.Shards; shard++)
        {
            foreach (var stored in await journal.ReadShardAsync(shard, spool, 0, int.MaxValue))
                all.Add((shard, stored.Seq, stored.Event));
        }
        return all;
    }
}
