using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FtpActors.Ingest.Linux;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>A node of a cluster: its folder, queue and ports outlive its process, which can be killed, frozen and started again.</summary>
internal sealed class ClusterNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string[] _before;

    public ClusterNode(ClusterSettings cluster, string name, params string[] roles)
    {
        Name = name;
        Key = QueueKey.Parse($"0x{Random.Shared.Next(0x10000000, 0x7fffffff):X8}");
        _before = cluster.Before(name);
        var listen = $"127.0.0.1:{TestNode.FreeTcpPort()}";
        Url = $"http://{listen}";
        Config = _folder["node.conf"];
        var isHandler = roles.Contains("handler");
        var sources = roles.Contains("ingest") ? $$"""{ "name": "queue", "kind": "ncftpd-mqueue", "key": "{{Key}}" }""" : "";
        File.WriteAllText(Config, $$"""
            { "node": { "name": "{{name}}", "roles": [{{string.Join(", ", roles.Select(r => $"\"{r}\""))}}], "listen": "{{listen}}", "data": "data" },
              "journal": { "kind": "postgres", {{(isHandler ? $"\"connection\": \"{cluster.Connection}\"," : "")}} "shards": {{cluster.Shards}}, "lease": "{{cluster.Lease}}" },
              "cluster": { "listen": "{{cluster.AddressOf(name)}}", "seeds": [{{string.Join(", ", cluster.Seeds.Select(s => $"\"{s}\""))}}] {{cluster.Tls}} },
              {{cluster.More}}
              "rules": {{cluster.Rules}},
              "sources": [ {{sources}} ] }
            """);
    }

    public string Name { get; }

    /// <summary>The queue that it reads.</summary>
    public QueueKey Key { get; }

    public string Url { get; }

    /// <summary>File of its configuration.</summary>
    public string Config { get; }

    public Program? Process { get; private set; }

    public void Start() => Process = Program.StartAs(_before, "run", "--config", Config);

    /// <summary>Waits until it is ready.</summary>
    public Task ReadyAsync(int seconds = 60) => Until.TrueAsync($"node {Name} is ready", async () =>
    {
        if (Process!.HasExited)
            throw new InvalidOperationException($"Node {Name} ended at its start:\n{Process.Errors}");
        try
        {
            using var answer = await _http.GetAsync(new Uri($"{Url}/readyz"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // Not listening yet.
            return false;
        }
    }, seconds);

    /// <summary>One JSON object of the API.</summary>
    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>($"{Url}{path}");

    /// <summary>A list of the API, all its parts.</summary>
    public async Task<List<JsonElement>> ItemsAsync(string path)
    {
        var items = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await GetAsync(cursor.Length == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}cursor={cursor}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("next").GetString();
        }
        return items;
    }

    /// <summary>Number of handlers by the node where they live, as this one sees it.</summary>
    public async Task<Dictionary<string, int>> HomesAsync() =>
        (await GetAsync("/api/v1/cluster")).GetProperty("members").EnumerateArray()
            .ToDictionary(m => $"{m.GetProperty("name").GetString()}/{m.GetProperty("uid").GetInt64()}", m => m.GetProperty("shards").GetArrayLength(), StringComparer.Ordinal)
            .GroupBy(m => m.Key.Split('/')[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(m => m.Value), StringComparer.Ordinal);

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
