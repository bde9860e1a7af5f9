using System.CommandLine;
using System.Diagnostics;
using FtpActors.Actors.Rules;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary><c>bench watch</c>: files of a watched folder, beside incron and pyinotify.</summary>
internal static class WatchBench
{
    public static Command Make()
    {
        var files = new Option<int>("--files") { Description = "Files of each run that starts no program.", DefaultValueFactory = _ => 10_000, HelpName = "N" };
        var rate = new Option<int>("--rate") { Description = "Files per second of the latency run.", DefaultValueFactory = _ => 20, HelpName = "R" };
        var seconds = new Option<int>("--seconds") { Description = "Length of the latency run.", DefaultValueFactory = _ => 10, HelpName = "S" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, in turn; medians are printed.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var folder = new Option<string>("--folder") { Description = "Where files and journals are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("watch",
            """
            Measures what becomes of files in a watched folder, beside Debian's incron and a loop of python3-pyinotify in the same run: files per second, and how long the start of a
            program takes from the closing of its file. Ours are durable first; theirs are not. Takes root.

            Example:
              ftpactors bench watch --folder /var/lib/ftpactors
            """) { files, rate, seconds, rounds, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 1_000_000, files, rate, seconds, rounds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            await RunAsync(place, parsed.GetValue(files), parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(rounds), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(BenchFolder place, int files, int rate, int seconds, int rounds, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        List<double> ours = [], python = [];
        List<Latency> ourStart = [], pythonStart = [], incronStart = [];
        var count = rate * seconds;
        // A copy, so that nobody else opens it.
        var hook = Path.Combine(place.New(), "hook");
        File.Copy("/bin/true", hook);
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"round {round} of {rounds}");
            await using (var way = await WatchWay.StartAsync(place.New(), files, null, cancel))
                ours.Add(await way.ThroughputAsync(cancel));
            await using (var way = await WatchWay.StartAsync(place.New(), count, UploadWay.Run(hook, RuleOrder.None), cancel))
                await LatencyAsync(ourStart, way.Watched, hook, rate, count, cancel);
            if (PeerWatcher.WhyNoPyinotify is null)
            {
                await using (var peer = await PeerWatcher.PyinotifyAsync(place.New(), "", files, cancel))
                {
                    var started = Stopwatch.GetTimestamp();
                    await Task.Run(() => WatchedFiles.Make(peer.Watched, files), cancel);
                    await peer.AllAsync(cancel);
                    python.Add(files / Stopwatch.GetElapsedTime(started).TotalSeconds);
                }
                await using (var peer = await PeerWatcher.PyinotifyAsync(place.New(), hook, 0, cancel))
                    await LatencyAsync(pythonStart, peer.Watched, hook, rate, count, cancel);
            }
            if (PeerWatcher.WhyNoIncron is null)
            {
                await using var peer = await PeerWatcher.IncronAsync(place.New(), hook, cancel);
                await LatencyAsync(incronStart, peer.Watched, hook, rate, count, cancel);
            }
        }
        double? limit = python.Count > 0 ? Median.Of(python) : null;
        if (limit is not null)
            report.Rate("pyinotify, counting only", python, null);
        report.Rate("whole way, durable, no program", ours, limit, "of pyinotify");
        Start(report, "pyinotify", pythonStart, rate, PeerWatcher.WhyNoPyinotify);
        Start(report, "incron", incronStart, rate, PeerWatcher.WhyNoIncron);
        Start(report, "whole way", ourStart, rate, null);
    }

    private static void Start(BenchReport report, string who, List<Latency> starts, int rate, string? whyNot)
    {
        whyNot ??= starts.Count == 0 ? "not every start of a program was seen, the machine is too busy" : null;
        if (whyNot is null)
            report.Latency($"{who}: file closed to program started at {rate}/s", Median.Of(starts));
        else
            Console.Out.WriteLine($"{who,-64} not measured: {whyNot}");
    }

    // Two starts that nobody has read between them are one to the kernel: on a busy machine a run may not be told, and is then left out.
    private static async Task LatencyAsync(List<Latency> starts, string watched, string hook, int rate, int count, CancellationToken cancel)
    {
        using var watch = new StartWatch(hook);
        var closed = await WatchedFiles.MakePacedAsync(watched, count, rate, cancel);
        // The first second is the start of the program (code being compiled), not its work.
        if (await watch.StartsAsync(count, cancel) is { } seen)
            starts.Add(Latency.Of([.. seen.Zip(closed, (s, c) => s - c).Skip(Math.Min(rate, count / 2))]));
    }
}
