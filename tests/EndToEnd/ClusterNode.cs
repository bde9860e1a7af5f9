using System.Net;
using System.Net.Sockets;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A handler node of a cluster as a process of its own.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string _config;
    private readonly Uri _health;

    public ClusterNode(string name, string connection, string lease = "3s", int weight = 100)
    {
        Name = name;
        var listen = $"127.0.0.1:{TestNode.FreeTcpPort()}";
        _health = new Uri($"http://{listen}/healthz");
        _config = _folder["node.conf"];
        File.WriteAllText(_config, $$"""
            { "node": { "name": "{{name}}", "roles": ["handler"], "listen": "{{listen}}", "data": "data", "weight": {{weight}} },
              "journal": { "kind": "postgres", "connection": "{{connection}}", "shards": 16, "lease": "{{lease}}" } }
            """);
    }

    public string Name { get; }

    public string Url => _health.GetLeftPart(UriPartial.Authority);

    public Program? Process { get; private set; }

    public void Start() => Process = Program.Start("run", "--config", _config);

    /// <summary>Waits until it is a member that has looked.</summary>
    public Task ReadyAsync() => Until.TrueAsync($"node {Name} is ready", async () =>
    {
        if (Process!.HasExited)
            throw new InvalidOperationException($"Node {Name} ended at its start:\n{Process.Errors}");
        try
        {
            using var answer = await _http.GetAsync(_health);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException)
        {
            return false;
        }
    });

    public async ValueTask DisposeAsync()
    {
        // A stopped process does not die of anything but this.
        if (Process is not null)
            await Process.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }
}
