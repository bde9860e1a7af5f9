using System.CommandLine;
using System.Globalization;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;
using FtpActors.Node.Commands;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Node.Bench;

/// <summary><c>bench</c>: this machine's own limits and the whole way, side by side in one run.</summary>
internal static class BenchCommand
{
    public static Command Make()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of each throughput run.", DefaultValueFactory = _ => 200_000, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each; medians are printed.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var rate = new Option<int>("--rate") { Description = "Messages per second of the latency run.", DefaultValueFactory = _ => 5000, HelpName = "R" };
        var seconds = new Option<int>("--seconds") { Description = "Length of the latency run.", DefaultValueFactory = _ => 10, HelpName = "S" };
        var sessions = new Option<int>("--open-sessions") { Description = "Open sessions of the memory run; 0 leaves it out.", DefaultValueFactory = _ => 100_000, HelpName = "N" };
        var folder = new Option<string>("--folder") { Description = "Where the journals are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("bench",
            """
            Measures this machine's own limits and the whole way of an event, in one run. The limits: a bare queue (msgsnd, msgrcv) and bare SQLite
            inserts of a row for each event with the same durability, and beside them the journal by itself (a bare persistent actor). The whole way:
            queue, spool, handler, session, history of every file operation, with its latencies (also until a row of the journal is in the
            history), the cores that a node takes, and the memory of open sessions. The queue is as large as the system lets it be:
            kernel.msgmnb, 16 KiB unless it was raised, which a site should do.

            Examples:
              ftpactors bench --folder /var/lib/ftpactors
              ftpactors bench --messages 50000 --rounds 5 --open-sessions 0
              ftpactors bench actions
              ftpactors bench stored
              ftpactors bench face
              ftpactors bench pureftpd
              ftpactors bench kafka
              ftpactors bench watch
              ftpactors bench cluster --connection 'Host=/run/postgresql;Database=bench'
            """) { messages, rounds, rate, seconds, sessions, folder, ActionsBench.Make(), StoredBench.Make(), FaceBench.Make(), PureFtpdBench.Make(), KafkaBench.Make(), WatchBench.Make(), ClusterBench.Make() };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 100_000_000, messages, rounds, rate, seconds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            await RunAsync(place, parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(sessions), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(BenchFolder place, int count, int rounds, int rate, int seconds, int sessions, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        var messages = Traffic(Math.Max(count, rate * seconds));
        var events = Decode(messages.Take(count));
        List<double> queue = [], inserts = [], bare = [], safe = [], fast = [], cores = [];
        List<Latency> durable = [], committed = [], visible = [];
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"round {round} of {rounds}");
            queue.Add(await RawReceive.RunAsync(messages[..count], cancel));
            inserts.Add(RawInserts.Run(place.New(), events));
            bare.Add(await RunBareAsync(place.New(), events, cancel));
            safe.Add(await WholeWay.ThroughputAsync(place.New(), QueueTake.Safe, messages[..count], cancel));
            fast.Add(await WholeWay.ThroughputAsync(place.New(), QueueTake.Fast, messages[..count], cancel));
            var (toDurable, toSession) = await WholeWay.LatencyAsync(place.New(), QueueTake.Safe, messages[..(rate * seconds)], rate, cancel);
            durable.Add(toDurable);
            committed.Add(toSession);
            cores.Add(await NodeCores.RunAsync(place.New(), messages[..(rate * seconds)], rate, cancel));
            visible.Add(await WholeWay.VisibleAsync(place.New(), messages[..(rate * seconds)], rate, cancel));
        }
        var limit = Median.Of(inserts);
        report.Rate(string.Create(CultureInfo.InvariantCulture, $"bare queue of {IpcLimits.QueueBytes():N0} bytes: msgsnd, msgrcv"), queue, null);
        report.Rate("bare SQLite inserts, 1,000 a transaction", inserts, null);
        report.Rate("bare journal: the same events, 256 a row, by one persistent actor", bare, limit);
        report.Rate("whole way, take safe", safe, limit);
        report.Rate("whole way, take fast", fast, limit);
        report.Latency($"msgsnd to durable at {rate}/s, take safe", Median.Of(durable));
        report.Latency($"msgsnd to session at {rate}/s, take safe", Median.Of(committed));
        report.Cores($"a whole node at {rate}/s, take safe", cores);
        report.Latency($"in the handler's journal to visible in the history at {rate}/s", Median.Of(visible));
        if (sessions > 0)
        {
            BenchReport.Progress("open sessions");
            var (resident, pause) = await OpenSessions.RunAsync(place.New(), sessions, cancel);
            report.Memory($"node with {sessions} open sessions", resident);
            report.Time("longest wait of their sender while they opened", [pause.TotalMilliseconds]);
        }
    }

    private static async Task<double> RunBareAsync(string folder, IReadOnlyList<FtpEvent> events, CancellationToken cancel)
    {
        var file = Path.Combine(folder, "bare.db");
        await JournalFile.PrepareAsync(file, 0);
        return await BareJournal.RunAsync(SqlPlugin.Sqlite("handlers", file), events, cancel);
    }

    /// <summary>Messages of made-up sessions.</summary>
    public static byte[][] Traffic(int count) =>
        [.. TrafficPlan.Make(new TrafficOptions { Sessions = count / 5, MinOps = 2, MaxOps = 8, Seed = 1 }).Messages.Take(count).Select(m => m.Bytes)];

    /// <summary>Their events.</summary>
    public static List<FtpEvent> Decode(IEnumerable<byte[]> messages)
    {
        var decoder = new NcFtpdMessageDecoder("bench", "bench", swapHosts: false);
        return [.. messages.Select(m => decoder.TryDecode(m, DateTimeOffset.UtcNow, out var e, out var reason) ? e : throw new InvalidOperationException(reason))];
    }
}
