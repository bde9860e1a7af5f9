using FtpActors.Ingest;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Node.Bench;

/// <summary>Simulated traffic of all kinds: one plan again and again, under paths that no rule of the benchmarks fits.</summary>
internal static class StoredTraffic
{
    /// <summary>Stores them and waits until they are in the history.</summary>
    public static async Task FillAsync(BenchEngine engine, int events, CancellationToken cancel)
    {
        var decoder = new NcFtpdMessageDecoder("bench", "bench", swapHosts: false);
        var received = DateTimeOffset.UtcNow.AddHours(-1);
        var plan = TrafficPlan.Make(new TrafficOptions { Sessions = 2000, MinOps = 2, MaxOps = 8, Seed = 1 }).Messages
            .Select(m => decoder.TryDecode(m.Bytes, received, out var e, out var reason) ? e : throw new InvalidOperationException(reason))
            .Where(e => !e.Flags.HasFlag(EventFlags.ServerRestart))
            .Select(e => e with { Path = Unlike(e.Path), PathTo = Unlike(e.PathTo) }).ToList();
        for (var stored = 0; stored < events;)
        {
            cancel.ThrowIfCancellationRequested();
            var batch = plan.Skip(stored % plan.Count).Take(Math.Min(2000, events - stored)).ToList();
            await engine.Spool.AppendAsync(new SourceBatch("bench", batch, []));
            stored += batch.Count;
        }
        await engine.CalmAsync(cancel);
    }

    private static string? Unlike(string? path) => path is null ? null : $"/data/{path.Trim('/').Replace('.', '_')}.bin";
}
