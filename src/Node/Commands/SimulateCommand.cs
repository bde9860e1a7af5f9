using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text;
using FtpActors.Node.Text;
using FtpActors.Protocol;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Node.Commands;

/// <summary><c>simulate</c>: a load generator that speaks as NcFTPd does.</summary>
internal static class SimulateCommand
{
    public static Command Make()
    {
        var to = new Option<string>("--to") { Description = "Where to.", HelpName = "mqueue:KEY|udp:HOST:PORT", Required = true };
        var sessions = new Option<int>("--sessions") { Description = "Sessions to make up.", DefaultValueFactory = _ => 100, HelpName = "N" };
        var rate = new Option<double>("--rate") { Description = "Messages per second; 0: as fast as they are taken.", DefaultValueFactory = _ => 2000, HelpName = "R" };
        var seed = new Option<ulong>("--seed") { Description = "The same seed makes the same sessions.", DefaultValueFactory = _ => 1, HelpName = "S" };
        var duplicate = new Option<double>("--duplicate") { Description = "Share of messages that are sent twice, 0 to 1.", HelpName = "SHARE" };
        var reorder = new Option<int>("--reorder-ms") { Description = "Messages may be overtaken by up to so many milliseconds.", HelpName = "MS" };
        var command = new TaughtCommand("simulate",
            """
            Makes up FTP sessions and sends their messages in NcFTPd's format to a message queue or a UDP port. Prints what was sent as JSON, to be
            compared with the sessions a node makes of it. A full queue waits.

            Examples:
              ftpactors simulate --to mqueue:0x78C0FFEE --sessions 1000 --rate 0
              ftpactors simulate --to udp:127.0.0.1:9721 --sessions 500 --duplicate 0.1 --reorder-ms 200
            """) { to, sessions, rate, seed, duplicate, reorder };
        command.Check(result =>
        {
            // Not a number at all is reported by the parser.
            if (!result.HasErrors && result.GetValue(rate) is not (>= 0 and <= 10_000_000))
                result.AddError("--rate must be 0 or a number up to 10000000.");
        });
        command.SetAction((parsed, cancel) =>
        {
            var options = new TrafficOptions
            {
                Sessions = parsed.GetValue(sessions), Seed = parsed.GetValue(seed), DuplicateShare = parsed.GetValue(duplicate),
                ReorderMs = parsed.GetValue(reorder), StartAt = DateTimeOffset.UtcNow,
            };
            return RunAsync(parsed.GetRequiredValue(to), options, parsed.GetValue(rate), cancel);
        });
        return command;
    }

    /// <summary>The totals as the line of JSON that is printed.</summary>
    public static string ToJson(TrafficTotals totals)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
            totals.Write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static async Task<int> RunAsync(string to, TrafficOptions options, double rate, CancellationToken cancel)
    {
        using var target = TrafficTarget.Open(to);
        var plan = Plan(rate > 0 ? TrafficSender.AtRate(options, rate) : options);
        var sender = new TrafficSender(plan, target, paced: rate > 0);

        // Sending may block for long, so it has a thread of its own.
        var sending = Task.Factory.StartNew(() => sender.Run(cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!Console.IsErrorRedirected)
            await ShowProgressAsync(sender, sending);
        var complete = true;
        try
        {
            await sending;
        }
        catch (OperationCanceledException)
        {
            complete = false;
        }
        Console.Out.WriteLine(ToJson(plan.Totals));
        if (complete && !cancel.IsCancellationRequested)
            return ExitCodes.Ok;
        Console.Error.WriteLine(complete
            ? "ftpactors: interrupted; the figures are what was sent until then."
            : "ftpactors: interrupted while the queue was full; the figures count one message more than was sent.");
        return ExitCodes.Failed;
    }

    private static TrafficPlan Plan(TrafficOptions options)
    {
        try
        {
            return TrafficPlan.Make(options);
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCodes.Usage, e.Message, e);
        }
    }

    private static async Task ShowProgressAsync(TrafficSender sender, Task sending)
    {
        while (await Task.WhenAny(sending, Task.Delay(200)) != sending)
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{Units.Count(sender.Sent)} messages sent "));
        Console.Error.Write("\r\x1B[K");
    }
}
