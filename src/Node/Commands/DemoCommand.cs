using System.CommandLine;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;
using FtpActors.Protocol.Traffic;
using Spectre.Console;

namespace FtpActors.Node.Commands;

/// <summary><c>demo</c>: a real node with a queue and a folder of its own, simulated users, and the comparison of what was sent with what was rebuilt.</summary>
internal static class DemoCommand
{
    // Messages of an average session of the simulation: login, logout and 2 to 20 operations.
    private const double SessionMessages = 13;

    public static Command Make()
    {
        var sessions = new Option<int?>("--sessions") { Description = "Sessions to simulate. Default: as many as fit the time and rate.", HelpName = "N" };
        var seconds = new Option<int>("--seconds") { Description = "About how long, 1 to 3600.", DefaultValueFactory = _ => 15, HelpName = "S" };
        var rate = new Option<double?>("--rate") { Description = "Messages per second, 1 to 100000. Default: 100, or what --sessions takes.", HelpName = "R" };
        var command = new TaughtCommand("demo",
            """
            Starts a node with simulated users and shows live who is logged in. The node has a message queue and a data folder of its own; at the end
            what was sent is compared with the sessions that were rebuilt, and queue and folder are removed again. Exit code 1 when they differ.

            Examples:
              ftpactors demo
              ftpactors demo --sessions 1000 --seconds 30
            """) { sessions, seconds, rate };
        command.Check(result =>
        {
            if (result.HasErrors)
                return;
            if (result.GetValue(seconds) is not (>= 1 and <= 3600))
                result.AddError("--seconds must be from 1 to 3600.");
            if (result.GetValue(rate) is { } r && r is not (>= 1 and <= 100_000))
                result.AddError("--rate must be from 1 to 100000.");
            if (result.GetValue(sessions) is { } n && n is not (>= 1 and <= 1_000_000))
                result.AddError("--sessions must be from 1 to 1000000.");
        });
        command.SetAction((parsed, stop) =>
        {
            var length = parsed.GetValue(seconds);
            var perSecond = parsed.GetValue(rate) ?? (parsed.GetValue(sessions) is { } n ? Math.Max(1, n * SessionMessages / length) : 100);
            var count = parsed.GetValue(sessions) ?? (int)Math.Max(1, perSecond * length / SessionMessages);
            return RunAsync(count, perSecond, stop);
        });
        return command;
    }

    private static async Task<int> RunAsync(int sessions, double rate, CancellationToken stop)
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
            AnsiConsole.Profile.Width = 200;
        }
        using var place = DemoPlace.Make();
        var configuration = NodeConfiguration.Load(place.ConfigurationFile, new Dictionary<string, string>());
        // A warning about this machine would be written across the live table; `status` has them all.
        using var logging = new Logging(LogLevel.Error);
        await using var node = await FtpNode.StartAsync(configuration, logging.Factory, TimeProvider.System, stop);
        await place.WaitForQueueAsync(node, stop);

        AnsiConsole.MarkupLineInterpolated($"A node runs at [bold]{node.Url}[/] and reads the message queue [bold]{place.Key}[/].");
        AnsiConsole.MarkupLineInterpolated($"Its dashboard, for a browser: [bold]{node.Url}[/]");
        AnsiConsole.MarkupLineInterpolated($"{sessions} simulated sessions, about {rate:0} messages per second. Try in another terminal: ftpactors who --node {node.Url}");

        var plan = TrafficPlan.Make(TrafficSender.AtRate(
            new TrafficOptions { Sessions = sessions, StartAt = DateTimeOffset.UtcNow, Seed = (ulong)Environment.TickCount64 }, rate));
        using var target = TrafficTarget.Open($"mqueue:{place.Key}");
        var sender = new TrafficSender(plan, target, paced: true);
        var sending = Task.Factory.StartNew(() => sender.Run(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        await new DemoScreen(node, sender).ShowUntilAsync(sending);
        await sending;
        return await DemoSummary.WriteAsync(node, plan.Totals, interrupted: stop.IsCancellationRequested) ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
