using System.Diagnostics;
using System.Globalization;
using FtpActors.Actors.Replay;
using FtpActors.Actors.Rules;
using FtpActors.Ingest;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Node.Bench;

/// <summary>
/// Replay of stored events through ten rules of which none fits: simulated traffic of all kinds, and rules that wait for all kinds and look at
/// users, statuses and paths, so that every event is decoded and every rule is asked.
/// </summary>
internal static class ReplaySpeed
{
    private static readonly string[] Paths =
    [
        "*.avi", "/incoming/**", "/out*/c*r3/**/x-*.dat", "/home/*/inbox/[0-9]*.xml", "**/never/*.txt", "*.part", "/a/b/c/d", "/orders/**/*.csv",
        "report-????.pdf", "/**/*.iso",
    ];

    /// <summary>Events per second of each run.</summary>
    public static async Task<List<double>> RunAsync(string folder, int events, int rounds, CancellationToken cancel)
    {
        await using var engine = await BenchEngine.StartAsync(folder, [.. Paths.Select(Rule)], new NoActions(), 1, cancel);
        await FillAsync(engine, events, cancel);
        var desk = engine.Engine.Replaying;
        var rates = new List<double>();
        for (var round = 0; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var progress = await desk.BeginAsync(new ReplayQuery { Since = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.MaxValue });
            while (progress.State == ReplayState.Running && progress.Problem is null)
            {
                await Task.Delay(5, cancel);
                progress = await desk.FindAsync(progress.Id);
            }
            if (progress is not { State: ReplayState.Done, Matched: 0 } || progress.Read != events)
                throw new InvalidOperationException($"The replay did not do what is measured: {progress}");
            rates.Add(events / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return rates;
    }

    private static Rule Rule(string path, int number) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"rule{number}"),
        On = [.. Enum.GetValues<EventKind>().Select(kind => (TriggerKind)kind)], Path = [Glob.ForPath(path)], NotUser = [Glob.ForName("test*")],
        Actions = [new FileAction("/dev/null")],
    };

    // Traffic of one plan again and again, under paths that no rule fits.
    private static async Task FillAsync(BenchEngine engine, int events, CancellationToken cancel)
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
