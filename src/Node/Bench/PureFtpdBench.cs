using System.CommandLine;
using FtpActors.Actors.Rules;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary><c>bench pureftpd</c>: programs run for uploads, beside the real pure-uploadscript.</summary>
internal static class PureFtpdBench
{
    // So short that the measured time would be the start of the program without it.
    private const int WarmUp = 200;

    public static Command Make()
    {
        var uploads = new Option<int>("--uploads") { Description = "Records of each run that starts a program for each.", DefaultValueFactory = _ => 3000, HelpName = "N" };
        var silent = new Option<int>("--silent") { Description = "Records of each run that starts no program.", DefaultValueFactory = _ => 200_000, HelpName = "N" };
        var rate = new Option<int>("--rate") { Description = "Uploads per second of the latency run.", DefaultValueFactory = _ => 100, HelpName = "R" };
        var seconds = new Option<int>("--seconds") { Description = "Length of the latency run.", DefaultValueFactory = _ => 5, HelpName = "S" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, in turn; medians are printed.", DefaultValueFactory = _ => 5, HelpName = "N" };
        var program = new Option<string>("--uploadscript") { Description = "The real pure-uploadscript.", DefaultValueFactory = _ => "/usr/sbin/pure-uploadscript", HelpName = "FILE" };
        var folder = new Option<string>("--folder") { Description = "Where the journals are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("pureftpd",
            """
            Measures what becomes of the records of Pure-FTPd's upload pipe, beside the real pure-uploadscript in the same run: uploads per second
            with /bin/true for each, and without any program; and how long a program's start takes from its record. Takes root.

            Example:
              ftpactors bench pureftpd --folder /var/lib/ftpactors
            """) { uploads, silent, rate, seconds, rounds, program, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 10_000_000, uploads, silent, rate, seconds, rounds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            await RunAsync(
                place, parsed.GetValue(program)!, parsed.GetValue(uploads), parsed.GetValue(silent), parsed.GetValue(rate), parsed.GetValue(seconds),
                parsed.GetValue(rounds), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(
        BenchFolder place, string program, int uploads, int silent, int rate, int seconds, int rounds, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        var files = new UploadFiles(place.New(), uploads);
        var whyNot = Uploadscript.WhyNot(program);
        List<double> theirs = [], ours = [], ordered = [], none = [];
        List<Latency> theirStart = [], ourStart = [];
        // A copy, so that nobody else opens it.
        var hook = Path.Combine(place.New(), "hook");
        File.Copy("/bin/true", hook);
        await OursAsync(place, files, WarmUp, UploadWay.Run("/bin/true", RuleOrder.None), cancel);
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"round {round} of {rounds}");
            if (whyNot is null)
            {
                await using var peer = await Uploadscript.StartAsync(program, place.New(), "/bin/true", cancel);
                theirs.Add(await peer.ThroughputAsync(files, cancel));
            }
            if (whyNot is null)
            {
                await using var peer = await Uploadscript.StartAsync(program, place.New(), hook, cancel);
                theirStart.Add(await LatencyAsync(peer.Pipe, hook, files, rate, rate * seconds, cancel));
            }
            await using (var way = await UploadWay.StartAsync(place.New(), rate * seconds, UploadWay.Run(hook, RuleOrder.None), cancel))
            {
                await using var pipe = UploadFiles.Open(way.Pipe);
                ourStart.Add(await LatencyAsync(pipe, hook, files, rate, rate * seconds, cancel));
            }
            ours.Add(await OursAsync(place, files, uploads, UploadWay.Run("/bin/true", RuleOrder.None), cancel));
            ordered.Add(await OursAsync(place, files, uploads, UploadWay.Run("/bin/true", RuleOrder.Session), cancel));
            none.Add(await OursAsync(place, files, silent, null, cancel));
        }
        double? limit = whyNot is null ? Median.Of(theirs) : null;
        if (whyNot is null)
            report.Rate("pure-uploadscript, /bin/true", theirs, null);
        else
            Console.Out.WriteLine($"{"pure-uploadscript",-64} not measured: {whyNot}");
        report.Rate("whole way, /bin/true, order none", ours, limit, "of pure-uploadscript");
        report.Rate("whole way, /bin/true, order session, 64 users", ordered, limit, "of pure-uploadscript");
        report.Rate("whole way, no program", none, limit, "of pure-uploadscript");
        if (whyNot is null)
            report.Latency($"pure-uploadscript: record written to program started at {rate}/s", Median.Of(theirStart));
        report.Latency($"whole way: record written to program started at {rate}/s", Median.Of(ourStart));
    }

    private static async Task<Latency> LatencyAsync(FileStream pipe, string hook, UploadFiles files, int rate, int count, CancellationToken cancel)
    {
        for (var tries = 0; tries < 5; tries++)
        {
            using var watch = new StartWatch(hook);
            var written = await files.WritePaced(pipe, count, rate, cancel);
            // The first second is the start of the program (code being compiled), not its work.
            if (await watch.StartsAsync(count, cancel) is { } starts)
                return Latency.Of([.. starts.Zip(written, (s, w) => s - w).Skip(Math.Min(rate, count / 2))]);
        }
        throw new CommandException(ExitCodes.Failed, "not every start of a program was seen: the machine is too busy for this measurement.");
    }

    private static async Task<double> OursAsync(BenchFolder place, UploadFiles files, int uploads, Rule? rule, CancellationToken cancel)
    {
        await using var way = await UploadWay.StartAsync(place.New(), uploads, rule, cancel);
        return await way.ThroughputAsync(files, cancel);
    }
}
