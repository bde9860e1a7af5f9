using System.Diagnostics;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Protocol.Traffic;
using Npgsql;

namespace FtpActors.Node.Bench;

/// <summary>The whole way over many processes: queue, spool, PostgreSQL, shards of one or more handlers, sessions committed.</summary>
internal static class ClusterWay
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Between two counts of the sessions: counting them all takes the database as long as thousands of events do.</summary>
    private static readonly TimeSpan CountPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Messages per second, from the first one sent to the last session committed.</summary>
    public static async Task<double> ThroughputAsync(string folder, string connection, int handlers, TrafficPlan plan, CancellationToken cancel)
    {
        using var queue = new BenchQueue();
        await using var cluster = await StartAsync(folder, connection, handlers, cancel);
        await using var ingest = await BenchNode.StartAsync(folder, "ftp1", connection, queue.Key, cancel);
        var messages = plan.Messages.Select(m => m.Bytes).ToArray();
        // The last process of them has come to its work when a first session is through.
        await queue.SendAll([.. TrafficPlan.Make(new TrafficOptions { Sessions = 20, Seed = 99 }).Messages.Select(m => m.Bytes)], cancel);
        await ClosedAsync(connection, 20, cancel);

        var started = Stopwatch.GetTimestamp();
        await queue.SendAll(messages, cancel);
        await ClosedAsync(connection, 20 + plan.Totals.Sessions, cancel);
        return messages.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Milliseconds from kill -9 of one of three handlers until all of its shards are owned by others.</summary>
    public static async Task<double> FailoverAsync(string folder, string connection, CancellationToken cancel)
    {
        await using var cluster = await StartAsync(folder, connection, 3, cancel);
        await using var journal = await OpenAsync(connection);
        var killed = Stopwatch.GetTimestamp();
        await cluster.Nodes[0].KillAsync();
        await UntilAsync("all shards are owned again", async () => await OwnersAsync(journal, "h1") == (0, ClusterBench.Shards), LookPause, cancel);
        return Stopwatch.GetElapsedTime(killed).TotalMilliseconds;
    }

    private static async Task<Handlers> StartAsync(string folder, string connection, int count, CancellationToken cancel)
    {
        var handlers = new Handlers();
        for (var i = 1; i <= count; i++)
            handlers.Nodes.Add(await BenchNode.StartAsync(folder, $"h{i}", connection, null, cancel));
        await using var journal = await OpenAsync(connection);
        var least = ClusterBench.Shards / count;
        await UntilAsync("each handler has its share", async () =>
        {
            var view = await ((ICluster)journal).ReadClusterAsync();
            var held = view.Shards.Where(s => s.IsHeld).ToList();
            return held.Count == ClusterBench.Shards && held.CountBy(s => s.Owner).All(o => o.Value >= least);
        }, LookPause, cancel);
        return handlers;
    }

    private static Task<PostgresJournal> OpenAsync(string connection) =>
        PostgresJournal.OpenAsync(new PostgresJournalOptions { Connection = connection, Shards = ClusterBench.Shards });

    private static async Task<(int Its, int All)> OwnersAsync(PostgresJournal journal, string node)
    {
        var held = (await ((ICluster)journal).ReadClusterAsync()).Shards.Where(s => s.IsHeld).ToList();
        return (held.Count(s => s.Owner == node), held.Count);
    }

    private static async Task ClosedAsync(string connection, long sessions, CancellationToken cancel)
    {
        await using var server = new NpgsqlConnection(connection);
        await server.OpenAsync(cancel);
        await using var count = new NpgsqlCommand("SELECT count(*) FROM session WHERE closed_at IS NOT NULL", server);
        await UntilAsync($"{sessions} sessions are committed", async () => (long)(await count.ExecuteScalarAsync(cancel))! >= sessions, CountPause, cancel);
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan pause, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
                throw new TimeoutException($"Not within {Limit.TotalMinutes:0} minutes: {what}.");
            await Task.Delay(pause, cancel);
        }
    }

    private sealed class Handlers : IAsyncDisposable
    {
        public List<BenchNode> Nodes { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var node in Nodes)
                await node.DisposeAsync();
        }
    }
}
