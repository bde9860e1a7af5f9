using System.CommandLine;
using FtpActors.Node.Commands;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;
using FtpActors.Protocol.Traffic;
using Npgsql;

namespace FtpActors.Node.Bench;

/// <summary><c>bench cluster</c>: the whole way over PostgreSQL beside its bare COPY.</summary>
internal static class ClusterBench
{
    public const int Shards = 16;

    public static Command Make()
    {
        var connection = new Option<string>("--connection")
        {
            Description = "The database, as in journal.connection. Each run makes a schema of its own in it and drops it.", HelpName = "TEXT", Required = true,
        };
        var messages = new Option<int>("--messages")
        {
            Description = "Messages of each throughput run. Fewer measure the start of the processes rather than their work.",
            DefaultValueFactory = _ => 1_000_000, HelpName = "N",
        };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, in turn; medians are printed.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var handlers = new Option<int>("--handlers") { Description = "Measures with 1 to so many handlers.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var rate = new Option<int>("--rate") { Description = "Messages per second of the latency run.", DefaultValueFactory = _ => 5000, HelpName = "R" };
        var seconds = new Option<int>("--seconds") { Description = "Length of the latency run; its first half, at most 10 s, is not counted.", DefaultValueFactory = _ => 30, HelpName = "S" };
        var folder = new Option<string>("--folder") { Description = "Where the spools are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("cluster",
            """
            Measures a cluster beside the bare limit of its PostgreSQL, in one run: binary COPY of the same rows; the whole way from a queue over the spool of
            an ingest node to sessions committed by 1, 2, … handler nodes, each a process; latency; and how long a failover takes after kill -9.

            Example:
              ftpactors bench cluster --connection 'Host=/run/postgresql;Database=bench' --folder /var/lib/ftpactors
            """) { connection, messages, rounds, handlers, rate, seconds, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            foreach (var (option, most) in (IEnumerable<(Option<int>, int)>)[(messages, 100_000_000), (rounds, 100), (handlers, Shards), (rate, 1_000_000), (seconds, 3600)])
            {
                if (parsed.GetValue(option) is var value && (value < 1 || value > most))
                    throw new CommandException(ExitCodes.Usage, $"{option.Name} must be from 1 to {most}.");
            }
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            try
            {
                await new Run(place, parsed.GetValue(connection)!, parsed.GetValue(messages), parsed.GetValue(rounds), parsed.GetValue(handlers))
                    .RunAsync(parsed.GetValue(rate), parsed.GetValue(seconds), cancel);
            }
            catch (NpgsqlException e)
            {
                throw new CommandException(ExitCodes.Failed, $"the database of --connection: {e.Message}", e);
            }
            return ExitCodes.Ok;
        });
        return command;
    }

    private sealed class Run(BenchFolder place, string server, int count, int rounds, int handlers)
    {
        private int _runs;

        public async Task RunAsync(int rate, int seconds, CancellationToken cancel)
        {
            var plan = TrafficPlan.Make(new TrafficOptions { Sessions = Math.Max(count, rate * seconds) / 13, Seed = 1 });
            var bytes = plan.Messages.Select(m => m.Bytes).ToArray();
            var events = Decode(bytes.Take(count));
            List<double> copy = [], failover = [];
            var whole = Enumerable.Range(1, handlers).Select(_ => new List<double>()).ToList();
            List<Latency> latency = [];
            // First, because the disk is still busy with the millions of rows of a throughput run when that is over.
            for (var round = 1; round <= rounds; round++)
            {
                BenchReport.Progress($"latency, round {round} of {rounds}");
                latency.Add(await InSchemaAsync((folder, connection) => ClusterLatency.RunAsync(folder, connection, [.. bytes.Take(rate * seconds)], rate, cancel)));
            }
            for (var round = 1; round <= rounds; round++)
            {
                BenchReport.Progress($"round {round} of {rounds}");
                copy.Add(await InSchemaAsync(async (_, connection) =>
                {
                    // Makes the tables.
                    await (await Journal.Postgres.PostgresJournal.OpenAsync(new() { Connection = connection, Shards = Shards })).DisposeAsync();
                    return await RawCopy.RunAsync(connection, events, Shards, cancel);
                }));
                for (var n = 1; n <= handlers; n++)
                {
                    var sessions = TrafficPlan.Make(new TrafficOptions { Sessions = count / 13, Seed = 1 });
                    whole[n - 1].Add(await InSchemaAsync((folder, connection) => ClusterWay.ThroughputAsync(folder, connection, n, sessions, cancel)));
                }
                failover.Add(await InSchemaAsync((folder, connection) => ClusterWay.FailoverAsync(folder, connection, cancel)));
            }
            var report = new BenchReport(Console.Out);
            report.Rate("bare binary COPY, 1,000 a transaction", copy, null);
            for (var n = 1; n <= handlers; n++)
                report.Rate($"whole way: queue, spool, PostgreSQL, {n} handler{(n > 1 ? "s" : "")}", whole[n - 1], Median.Of(copy), "of bare COPY");
            report.Latency($"msgsnd to session committed at {rate}/s", Median.Of(latency));
            report.Time("kill -9 of one of 3 handlers until all shards are owned", failover);
        }

        private async Task<T> InSchemaAsync<T>(Func<string, string, Task<T>> measure)
        {
            await using var schema = await BenchSchema.MakeAsync(server, ++_runs);
            return await measure(place.New(), schema.Connection);
        }

        private static List<FtpEvent> Decode(IEnumerable<byte[]> messages)
        {
            var decoder = new NcFtpdMessageDecoder("bench", "bench", swapHosts: false);
            return [.. messages.Select(m => decoder.TryDecode(m, DateTimeOffset.UtcNow, out var e, out var reason) ? e : throw new InvalidOperationException(reason))];
        }
    }
}
