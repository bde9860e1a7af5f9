using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace FtpActors.Node.Bench;

/// <summary>The nodes of a cluster, each a process of its own on this machine.</summary>
internal sealed class ClusterWay : IAsyncDisposable
{
    /// <summary>Handlers of the cluster.</summary>
    public const int Shards = 16;

    private static readonly string[] HandlerRole = ["handler"];
    private static readonly string[] IngestRole = ["ingest"];

    private readonly string _folder;
    private readonly string _connection;
    private readonly int[] _ports;
    private readonly BenchNode?[] _handlers;
    private readonly BenchCertificates? _certificates;

    private ClusterWay(string folder, string connection, int handlers, bool isSecured)
    {
        (_folder, _connection) = (folder, connection);
        _certificates = isSecured ? BenchCertificates.Make(folder) : null;
        _ports = [.. Enumerable.Range(0, handlers).Select(_ => FreePort())];
        _handlers = new BenchNode?[handlers];
    }

    /// <summary>Messages per second, from a queue over the spool of an ingest node to handlers, until the last one is in the history.</summary>
    public static async Task<double> ThroughputAsync(
        string folder, string connection, int handlers, IReadOnlyList<byte[]> messages, CancellationToken cancel, bool isSecured = false)
    {
        using var queue = new BenchQueue();
        await using var way = await StartAsync(folder, connection, handlers, cancel, isSecured);
        await using var ingest = await way.StartIngestAsync(queue, cancel);
        await way.SpreadAsync(cancel);
        var started = Stopwatch.GetTimestamp();
        await queue.SendAll(messages, cancel);
        await way.StoredAsync(messages.Count, cancel);
        return messages.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Milliseconds from kill -9 of one of three handler nodes until all handlers answer; each in turn, so often.</summary>
    public static async Task<List<double>> FailoversAsync(string folder, string connection, int kills, CancellationToken cancel)
    {
        await using var way = await StartAsync(folder, connection, 3, cancel);
        var times = new List<double>();
        for (var kill = 0; kill < kills; kill++)
        {
            await way.SpreadAsync(cancel);
            var (dead, asked) = (kill % 3, (kill + 1) % 3);
            await way._handlers[dead]!.DisposeAsync();
            way._handlers[dead] = null;
            var started = Stopwatch.GetTimestamp();
            await AllAnswerAsync(way._handlers[asked]!, cancel);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await way.StartHandlerAsync(dead, cancel);
        }
        return times;
    }

    /// <summary>The handler nodes that live.</summary>
    public IReadOnlyList<BenchNode> Handlers => [.. _handlers.OfType<BenchNode>()];

    /// <summary>Nodes to join by.</summary>
    public IReadOnlyList<string> Seeds => [.. _ports.Select(port => $"127.0.0.1:{port}")];

    public async ValueTask DisposeAsync()
    {
        foreach (var handler in _handlers.OfType<BenchNode>())
            await handler.DisposeAsync();
    }

    /// <summary>Starts handler nodes.</summary>
    public static async Task<ClusterWay> StartAsync(string folder, string connection, int handlers, CancellationToken cancel, bool isSecured = false)
    {
        var way = new ClusterWay(folder, connection, handlers, isSecured);
        for (var handler = 0; handler < handlers; handler++)
            await way.StartHandlerAsync(handler, cancel);
        return way;
    }

    private async Task StartHandlerAsync(int handler, CancellationToken cancel) => _handlers[handler] = await BenchNode.StartAsync(NewFolder($"handler{handler}"), new
    {
        node = new { name = $"handler{handler}", roles = HandlerRole, listen = "127.0.0.1:0", data = "data" },
        journal = new { kind = "postgres", connection = _connection, shards = Shards },
        cluster = Cluster(_ports[handler]),
    }, cancel);

    private Task<BenchNode> StartIngestAsync(BenchQueue queue, CancellationToken cancel) => BenchNode.StartAsync(NewFolder("ingest"), new
    {
        node = new { name = "ingest", roles = IngestRole, listen = "127.0.0.1:0", data = "data" },
        journal = new { kind = "postgres", shards = Shards },
        cluster = Cluster(FreePort()),
        sources = new[] { new { name = "bench", kind = "ncftpd-mqueue", key = queue.Key.ToString(), take = "fast" } },
    }, cancel);

    private object Cluster(int port) => _certificates is { } tls
        ? new { listen = $"127.0.0.1:{port}", seeds = Seeds, tls = new { certificate = tls.Certificate, key = tls.Key, ca = tls.Authority } }
        : new { listen = $"127.0.0.1:{port}", seeds = Seeds };

    private string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    /// <summary>Waits until the handlers are spread over all nodes.</summary>
    public async Task SpreadAsync(CancellationToken cancel)
    {
        while (true)
        {
            var counts = (await _handlers.OfType<BenchNode>().First().GetAsync("/api/v1/cluster", cancel)).GetProperty("members").EnumerateArray()
                .Select(m => m.GetProperty("shards").GetArrayLength()).Where(n => n > 0).ToList();
            if (counts.Count == _handlers.Length && counts.Sum() == Shards && counts.Max() - counts.Min() <= Shards / 4)
                return;
            await Task.Delay(100, cancel);
        }
    }

    private async Task StoredAsync(long events, CancellationToken cancel)
    {
        await using var database = new NpgsqlConnection(_connection);
        await database.OpenAsync(cancel);
        await using var count = new NpgsqlCommand("SELECT coalesce(sum(count), 0)::bigint FROM row_index", database);
        while (await count.ExecuteScalarAsync(cancel) is not long stored || stored < events)
            await Task.Delay(20, cancel);
    }

    // Asked anew every 20 ms: a question that was sent to a dead node is only given up after seconds.
    private static async Task AllAnswerAsync(BenchNode asked, CancellationToken cancel)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (!answered.Task.IsCompleted)
        {
            _ = AskAsync();
            await Task.WhenAny(answered.Task, Task.Delay(20, cancel));
        }

        async Task AskAsync()
        {
            if ((await asked.GetAsync("/api/v1/status", cancel)).GetProperty("journal_trouble").GetString() is null)
                answered.TrySetResult();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
