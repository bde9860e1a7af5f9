using System.Diagnostics;
using System.Globalization;
using FtpActors.Actors.Logins;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary>What many ingest nodes cost: actor systems in this process, each with a spool and a shipper but without a source, joined to three handler nodes that are processes.</summary>
internal static class ManyNodes
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);

    /// <summary>Measures, and prints.</summary>
    /// <param name="folder">For spools.</param>
    /// <param name="connection">Of the journal.</param>
    /// <param name="count">Ingest nodes.</param>
    /// <param name="report">Where to.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<bool> RunAsync(string folder, string connection, int count, BenchReport report, CancellationToken cancel)
    {
        await using var way = await ClusterWay.StartAsync(folder, connection, 3, cancel);
        await way.SpreadAsync(cancel);
        report.Use("3 handler nodes alone, at rest: each handler node", await RestAsync(way, cancel));
        var nodes = new List<BenchEngine>();
        try
        {
            var before = Environment.WorkingSet;
            var started = Stopwatch.GetTimestamp();
            foreach (var group in Enumerable.Range(0, count).Chunk(AtOnce))
            {
                BenchReport.Progress($"{nodes.Count} of {count} ingest nodes");
                nodes.AddRange(await Task.WhenAll(group.Select(i => StartAsync(folder, i, way.Seeds, cancel))));
            }
            await JoinedAsync(way, count + 3, cancel);
            report.Time($"{count} ingest nodes: until all are members", [Stopwatch.GetElapsedTime(started).TotalMilliseconds]);
            report.Memory("each ingest node, in this process", (Environment.WorkingSet - before) / count);
            var own = Process.GetCurrentProcess().TotalProcessorTime;
            report.Use($"with {count} ingest nodes, at rest: each handler node", await RestAsync(way, cancel));
            report.Cores($"with {count} ingest nodes, at rest: each ingest node", (Process.GetCurrentProcess().TotalProcessorTime - own) / Rest / count);
            BenchReport.Progress("logins");
            report.Latency("login asked on an ingest node until decided, 50 at once", await LoginsAsync(nodes[0], cancel));
            return true;
        }
        catch (HttpRequestException e)
        {
            throw new CommandException(ExitCodes.Failed, $"a handler node has begun anew among {nodes.Count} ingest nodes: this machine is too small for so many; give --ingest-nodes less.", e);
        }
        finally
        {
            // They end at once: nothing is in their spools.
            foreach (var group in nodes.Chunk(AtOnce))
                await Task.WhenAll(group.Select(n => n.DisposeAsync().AsTask()));
        }
    }

    private static Task<BenchEngine> StartAsync(string folder, int number, IReadOnlyList<string> seeds, CancellationToken cancel)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"ftp{number:000}");
        return BenchEngine.StartIngestAsync(Path.Combine(folder, name), name, seeds, cancel);
    }

    private static async Task JoinedAsync(ClusterWay way, int members, CancellationToken cancel)
    {
        while ((await way.Handlers[0].GetAsync("/api/v1/cluster", cancel)).GetProperty("members").EnumerateArray().Count(m => m.GetProperty("status").GetString() == "up") < members)
            await Task.Delay(200, cancel);
    }

    // Of each handler node, and what all of them send each other by loopback, as the kernel counts it for the whole machine.
    private static async Task<(double Cores, long Resident, double Bytes)> RestAsync(ClusterWay way, CancellationToken cancel)
    {
        var (cpu, bytes) = (way.Handlers.Select(h => h.Cpu).ToList(), LoopbackBytes());
        await Task.Delay(Rest, cancel);
        return (way.Handlers.Zip(cpu, (h, b) => (h.Cpu - b) / Rest).Average(), (long)way.Handlers.Average(h => h.Resident), (LoopbackBytes() - bytes) / Rest.TotalSeconds);
    }

    private static long LoopbackBytes() => long.Parse(
        File.ReadLines("/proc/net/dev").First(l => l.TrimStart().StartsWith("lo:", StringComparison.Ordinal)).Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
        CultureInfo.InvariantCulture);

    private static async Task<Latency> LoginsAsync(BenchEngine node, CancellationToken cancel)
    {
        const int logins = 5000;
        var ticks = new long[logins];
        var limits = new SlotLimits(3, null, null);
        await Parallel.ForEachAsync(Enumerable.Range(0, logins), new ParallelOptions { MaxDegreeOfParallelism = 50, CancellationToken = cancel }, async (i, _) =>
        {
            var started = Stopwatch.GetTimestamp();
            await node.Engine.Logins.ReserveAsync(new LoginClaim($"user{i % 1000}", "bench", "192.0.2.7"), limits, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10));
            ticks[i] = Stopwatch.GetTimestamp() - started;
        });
        return Latency.Of(ticks[(logins / 10)..]);
    }
}
