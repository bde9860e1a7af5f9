using System.CommandLine;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Queue;
using FtpActors.Node.Commands;
using Npgsql;

namespace FtpActors.Node.Bench;

/// <summary><c>bench cluster</c>: the whole way over a cluster beside the bare limits of its PostgreSQL.</summary>
internal static class ClusterBench
{
    public static Command Make()
    {
        var connection = new Option<string>("--connection")
        {
            Description = "The database, as in journal.connection. Each run makes a schema of its own in it and drops it.", HelpName = "TEXT", Required = true,
        };
        var messages = new Option<int>("--messages") { Description = "Messages of each throughput run.", DefaultValueFactory = _ => 300_000, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, in turn; medians are printed.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var handlers = new Option<int>("--handlers") { Description = "Measures with 1 to so many handler nodes.", DefaultValueFactory = _ => 3, HelpName = "N" };
        var rate = new Option<int>("--rate") { Description = "Messages per second of the latency run.", DefaultValueFactory = _ => 5000, HelpName = "R" };
        var seconds = new Option<int>("--seconds") { Description = "Length of the latency run.", DefaultValueFactory = _ => 10, HelpName = "S" };
        var kills = new Option<int>("--kills") { Description = "Kills of the failover run; 0 leaves it out.", DefaultValueFactory = _ => 20, HelpName = "N" };
        var nodes = new Option<int>("--ingest-nodes") { Description = "Measures also so many ingest nodes at rest; 0 leaves it out.", DefaultValueFactory = _ => 0, HelpName = "N" };
        var folder = new Option<string>("--folder") { Description = "Where the spools are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("cluster",
            """
            Measures a cluster beside the bare limits of its PostgreSQL, in one run: binary COPY of a row for each event; a bare persistent actor; the whole way
            from a queue over the spool of an ingest node to handler nodes, each a process, until the history is written; its latency in one
            process with journal and history in PostgreSQL; the whole way with TLS between the nodes; and how long a failover takes after kill -9 of
            one of three handler nodes. With --ingest-nodes it also joins so many light ingest nodes to three handler nodes and measures what they cost.

            Examples:
              ftpactors bench cluster --connection 'Host=/run/postgresql;Database=bench' --folder /var/lib/ftpactors
              ftpactors bench cluster --connection 'Host=/run/postgresql;Database=bench' --rounds 1 --kills 0 --ingest-nodes 200
            """) { connection, messages, rounds, handlers, rate, seconds, kills, nodes, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            foreach (var (option, least, most) in (IEnumerable<(Option<int>, int, int)>)
                [(messages, 1, 100_000_000), (rounds, 1, 100), (handlers, 1, ClusterWay.Shards), (rate, 1, 1_000_000), (seconds, 1, 3600), (kills, 0, 1000), (nodes, 0, 1000)])
            {
                if (parsed.GetValue(option) is var value && (value < least || value > most))
                    throw new CommandException(ExitCodes.Usage, $"{option.Name} must be from {least} to {most}.");
            }
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            try
            {
                await new Run(place, parsed.GetRequiredValue(connection), parsed.GetValue(messages), parsed.GetValue(rounds))
                    .RunAsync(parsed.GetValue(handlers), parsed.GetValue(rate), parsed.GetValue(seconds), parsed.GetValue(kills), parsed.GetValue(nodes), cancel);
            }
            catch (NpgsqlException e)
            {
                throw new CommandException(ExitCodes.Failed, $"the database of --connection: {e.Message}", e);
            }
            return ExitCodes.Ok;
        });
        return command;
    }

    private sealed class Run(BenchFolder place, string server, int count, int rounds)
    {
        private int _runs;

        public async Task RunAsync(int handlers, int rate, int seconds, int kills, int nodes, CancellationToken cancel)
        {
            var messages = BenchCommand.Traffic(Math.Max(count, rate * seconds));
            var events = BenchCommand.Decode(messages.Take(count));
            List<double> copy = [], bare = [], secured = [];
            List<Latency> latency = [];
            var whole = Enumerable.Range(1, handlers).Select(_ => new List<double>()).ToList();
            for (var round = 1; round <= rounds; round++)
            {
                BenchReport.Progress($"round {round} of {rounds}");
                copy.Add(await InSchemaAsync((_, connection) => RawCopy.RunAsync(connection, events, cancel)));
                bare.Add(await InSchemaAsync(async (_, connection) =>
                {
                    await PostgresJournal.PrepareAsync(connection, ClusterWay.Shards, JournalServers.One.ShareOf(0, ClusterWay.Shards), cancel);
                    return await BareJournal.RunAsync(SqlPlugin.Postgres("handlers", connection), events, cancel);
                }));
                for (var n = 1; n <= handlers; n++)
                    whole[n - 1].Add(await InSchemaAsync((folder, connection) => ClusterWay.ThroughputAsync(folder, connection, n, messages[..count], cancel)));
                secured.Add(await InSchemaAsync((folder, connection) => ClusterWay.ThroughputAsync(folder, connection, handlers, messages[..count], cancel, isSecured: true)));
                latency.Add(await InSchemaAsync(async (folder, connection) =>
                    (await WholeWay.LatencyAsync(folder, QueueTake.Safe, messages[..(rate * seconds)], rate, cancel, connection)).Applied));
            }
            var report = new BenchReport(Console.Out);
            const string of = "of bare COPY";
            var limit = Median.Of(copy);
            report.Rate("bare binary COPY of a row for each event, 1,000 a transaction", copy, null);
            report.Rate("bare journal: the same events, 256 a row, by one persistent actor", bare, limit, of);
            for (var n = 1; n <= handlers; n++)
                report.Rate($"whole way, take fast, {n} handler node{(n > 1 ? "s" : "")}", whole[n - 1], limit, of);
            report.Rate($"the same with TLS, {handlers} handler node{(handlers > 1 ? "s" : "")}", secured, limit, of);
            report.Latency($"msgsnd to session at {rate}/s, take safe, one process", Median.Of(latency));
            if (kills > 0)
            {
                BenchReport.Progress("failovers");
                report.Time($"kill -9 of one of 3 handler nodes until all handlers answer, {kills} times", await InSchemaAsync(
                    (folder, connection) => ClusterWay.FailoversAsync(folder, connection, kills, cancel)));
            }
            if (nodes > 0)
                await InSchemaAsync((folder, connection) => ManyNodes.RunAsync(folder, connection, nodes, report, cancel));
        }

        private async Task<T> InSchemaAsync<T>(Func<string, string, Task<T>> measure)
        {
            await using var schema = await BenchSchema.MakeAsync(server, ++_runs);
            return await measure(place.New(), schema.Connection);
        }
    }
}
