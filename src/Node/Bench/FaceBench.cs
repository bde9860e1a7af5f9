using System.CommandLine;
using System.Diagnostics;
using FtpActors.Ingest.Queue;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary><c>bench face</c>: what metrics, traces and the API cost a node under full load.</summary>
internal static class FaceBench
{
    private static readonly string[] Watched = ["/metrics", "/api/v1/status", "/api/v1/sessions?limit=100", "/api/v1/deliveries?limit=100"];

    public static Command Make()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of each run.", DefaultValueFactory = _ => 200_000, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, in turn; medians are printed.", DefaultValueFactory = _ => 5, HelpName = "N" };
        var folder = new Option<string>("--folder") { Description = "Where the journals are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("face",
            """
            Measures what being looked at costs under full load: the whole way of events without any instruments, with all of them told to a collector every second
            (metrics, and the way of one event in 1,000 as a trace), and a whole node: alone, while its metrics, status, sessions and deliveries are asked for every
            second, and while one client follows all of its events besides.

            Example:
              ftpactors bench face --folder /var/lib/ftpactors
            """) { messages, rounds, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 10_000_000, messages, rounds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            await RunAsync(place, parsed.GetValue(messages), parsed.GetValue(rounds), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(BenchFolder place, int count, int rounds, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        var messages = BenchCommand.Traffic(count);
        List<double> bare = [], told = [], alone = [], asked = [], followed = [];
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"round {round} of {rounds}");
            bare.Add(await WholeWay.ThroughputAsync(place.New(), QueueTake.Fast, messages, cancel));
            await using (var collector = await BenchCollector.StartAsync(cancel))
                told.Add(await WholeWay.ThroughputAsync(place.New(), QueueTake.Fast, messages, cancel, collector.Url));
            alone.Add(await NodeAsync(place.New(), messages, isAsked: false, isFollowed: false, cancel));
            asked.Add(await NodeAsync(place.New(), messages, isAsked: true, isFollowed: false, cancel));
            followed.Add(await NodeAsync(place.New(), messages, isAsked: true, isFollowed: true, cancel));
        }
        report.Rate("whole way, take fast, without instruments", bare, null);
        report.Rate("with metrics and traces, told to a collector every second", told, Median.Of(bare), "of that");
        report.Rate("a whole node, its own process, nobody looks", alone, null);
        report.Rate("asked every second", asked, Median.Of(alone), "of that");
        report.Rate("and one client follows all of its events", followed, Median.Of(alone), "of that");
    }

    private static async Task<double> NodeAsync(string folder, byte[][] messages, bool isAsked, bool isFollowed, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        await using var node = await BenchNode.StartAsync(folder, queue, cancel, take: "fast");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = Task.WhenAll(isAsked ? AskAsync(node, end.Token) : Task.CompletedTask, isFollowed ? node.FollowAsync("/api/v1/events/stream", end.Token) : Task.CompletedTask);
        var started = Stopwatch.GetTimestamp();
        await queue.SendAll(messages, cancel);
        while (!await IsDoneAsync(node, messages.Length, cancel))
            await Task.Delay(20, cancel);
        var took = Stopwatch.GetElapsedTime(started);
        await end.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return messages.Length / took.TotalSeconds;
    }

    private static async Task AskAsync(BenchNode node, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            foreach (var path in Watched)
                await node.ReadAsync(path, end);
            await Task.Delay(TimeSpan.FromSeconds(1), end);
        }
    }

    private static async Task<bool> IsDoneAsync(BenchNode node, int count, CancellationToken cancel)
    {
        var status = await node.GetAsync("/api/v1/status", cancel);
        return status.GetProperty("events").GetInt64() >= count && status.GetProperty("waiting").GetInt64() == 0;
    }
}
