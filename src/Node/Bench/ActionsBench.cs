using System.CommandLine;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary><c>bench actions</c>: commands started for events beside a plain loop that starts them.</summary>
internal static class ActionsBench
{
    public static Command Make()
    {
        var commands = new Option<int>("--commands") { Description = "Commands of each throughput run.", DefaultValueFactory = _ => 4000, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, one after the other in turn; medians are printed.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var rate = new Option<int>("--rate") { Description = "Events per second of the latency run.", DefaultValueFactory = _ => 100, HelpName = "R" };
        var seconds = new Option<int>("--seconds") { Description = "Length of the latency run.", DefaultValueFactory = _ => 10, HelpName = "S" };
        var folder = new Option<string>("--folder") { Description = "Where the journals are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("actions",
            """
            Measures commands started for events beside a plain loop that starts them. Commands (/bin/true) go the whole way (durable, shard,
            delivery, try stored); beside them a plain loop that starts and waits for them, and incron when it is installed; then the time from an
            event to its command.

            Example:
              ftpactors bench actions --folder /var/lib/ftpactors
            """) { commands, rounds, rate, seconds, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 100_000_000, commands, rounds, rate, seconds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            await RunAsync(place, parsed.GetValue(commands), parsed.GetValue(rounds), parsed.GetValue(rate), parsed.GetValue(seconds), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(BenchFolder place, int count, int rounds, int rate, int seconds, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        int[] loops = [1, Environment.ProcessorCount, 2 * Environment.ProcessorCount];
        var plain = loops.ToDictionary(n => n, _ => new List<double>());
        List<double> whole = [], incron = [];
        List<Latency> started = [], ended = [];
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"round {round} of {rounds}");
            foreach (var n in loops)
                plain[n].Add(await PlainSpawns.RunAsync(n, count));
            whole.Add(await ActionsWay.ThroughputAsync(place.New(), count, cancel));
            var (toStart, toEnd) = await ActionsWay.LatencyAsync(place.New(), rate, rate * seconds, cancel);
            started.Add(toStart);
            ended.Add(toEnd);
            if (await Incron.TryRunAsync(place.New(), Math.Min(count, 2000), cancel) is { } beside)
                incron.Add(beside);
        }
        // The best of the loops is the physical limit.
        var best = plain.MaxBy(p => Median.Of(p.Value));
        report.Rate($"posix_spawn and waitpid of /bin/true, {best.Key} loops", best.Value, null);
        report.Rate("whole way: event, durable, shard, command, try stored", whole, Median.Of(best.Value), "of the plain loop");
        if (incron.Count > 0)
            report.Rate("incron: file made, dd of one byte ended", incron, Median.Of(best.Value), "of the plain loop");
        else
            Console.Out.WriteLine($"{"incron",-64} not measured: {Incron.WhyNot}");
        report.Latency($"event appended to runner called at {rate}/s", Median.Of(started));
        report.Latency($"event appended to command ended at {rate}/s", Median.Of(ended));
    }
}
