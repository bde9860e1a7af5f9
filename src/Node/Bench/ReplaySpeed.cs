using System.Diagnostics;
using System.Globalization;
using FtpActors.Actors.Replay;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

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

    /// <summary>The rules.</summary>
    public static IReadOnlyList<Rule> Rules => [.. Paths.Select(Rule)];

    /// <summary>Events per second.</summary>
    public static async Task<double> RunAsync(BenchEngine engine, int events, CancellationToken cancel)
    {
        var desk = engine.Engine.Replaying;
        var started = Stopwatch.GetTimestamp();
        var progress = await desk.BeginAsync(new ReplayQuery { Since = DateTimeOffset.UnixEpoch, Until = DateTimeOffset.MaxValue });
        while (progress.State == ReplayState.Running && progress.Problem is null)
        {
            await Task.Delay(5, cancel);
            progress = await desk.FindAsync(progress.Id);
        }
        if (progress is not { State: ReplayState.Done, Matched: 0 } || progress.Read != events)
            throw new InvalidOperationException($"The replay did not do what is measured: {progress}");
        return events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static Rule Rule(string path, int number) => new()
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"rule{number}"),
        On = [.. Enum.GetValues<EventKind>().Select(kind => (TriggerKind)kind)], Path = [Glob.ForPath(path)], NotUser = [Glob.ForName("test*")],
        Actions = [new FileAction("/dev/null")],
    };
}
