using System.Net;
using FtpActors.Ingest.Linux;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A node of a cluster: its folder, queue and port outlive its process, which can be killed, frozen and started again.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string[] _before;
    private readonly string _config;
    private readonly Uri _health;

    /// <param name="name">Its node.name.</param>
    /// <param name="connection">To the shared journal.</param>
    /// <param name="lease">How long it may be silent.</param>
    /// <param name="weight">Its share of the shards.</param>
    /// <param name="ingest">It reads a queue and owns no shards; otherwise it owns shards and reads nothing.</param>
    /// <param name="rules">Its rules.</param>
    /// <param name="before">A command that it runs behind, such as <c>ip netns exec</c>.</param>
    public ClusterNode(
        string name, string connection, string lease = "3s", int weight = 100, bool ingest = false, string rules = "[]", params string[] before)
    {
        Name = name;
        Key = QueueKey.Parse($"0x{Random.Shared.Next(0x10000000, 0x7fffffff):X8}");
        _before = before;
        var listen = $"127.0.0.1:{TestNode.FreeTcpPort()}";
        _health = new Uri($"http://{listen}/healthz");
        _config = _folder["node.conf"];
        var source = ingest ? $$"""{ "name": "queue", "kind": "ncftpd-mqueue", "key": "{{Key}}" }""" : "";
        File.WriteAllText(_config, $$"""
            { "node": { "name": "{{name}}", "roles": ["{{(ingest ? "ingest" : "handler")}}"], "listen": "{{listen}}", "data": "data", "weight": {{weight}} },
              "journal": { "kind": "postgres", "connection": "{{connection}}", "shards": 16, "lease": "{{lease}}" },
              "rules": {{rules}},
              "sources": [ {{source}} ] }
            """);
    }

    public string Name { get; }

    /// <summary>The queue that it reads.</summary>
    public QueueKey Key { get; }

    public string Url => _health.GetLeftPart(UriPartial.Authority);

    public Program? Process { get; private set; }

    public void Start() => Process = Program.StartAs(_before, "run", "--config", _config);

    /// <summary>Waits until it is a member that has looked. Nobody here can ask one in a network of its own.</summary>
    public Task ReadyAsync() => Until.TrueAsync($"node {Name} is ready", async () =>
    {
        if (Process!.HasExited)
            throw new InvalidOperationException($"Node {Name} ended at its start:\n{Process.Errors}");
        try
        {
            using var answer = await _http.GetAsync(_health);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // Not listening yet.
            return false;
        }
    });

    public Task KillAsync() => Process!.KillAsync();

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Process!.SignalAsync("TERM");
        return await Process.ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // A stopped process does not die of anything but this.
        if (Process is not null)
            await Process.DisposeAsync();
        if (SystemVQueue.TryOpen(Key) is { } queue)
            queue.Remove();
        _http.Dispose();
        _folder.Dispose();
    }
}
