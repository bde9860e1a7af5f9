using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using FtpActors.Ingest.Linux;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A node's folder, queue and ports, which outlive its process: it can be killed, frozen and started again.</summary>
internal abstract class NodeProcess : IAsyncDisposable
{
    // Whose certificate it is matters only to the tests of it.
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown is not null }) { Timeout = TimeSpan.FromSeconds(30) };

    protected NodeProcess(string name, string scheme = "http")
    {
        (Name, Config) = (name, Folder["node.conf"]);
        Listen = $"127.0.0.1:{FreePort.Take()}";
        Url = $"{scheme}://{Listen}";
    }

    public string Name { get; }

    /// <summary>The queue that it reads.</summary>
    public QueueKey Key { get; } = QueueKey.Parse($"0x{Random.Shared.Next(0x10000000, 0x7fffffff):X8}");

    public string Listen { get; }

    public string Url { get; }

    public string Config { get; }

    public Program? Process { get; protected set; }

    protected TemporaryFolder Folder { get; } = new();

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

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Process!.SignalAsync("TERM");
        return await Process.ExitAsync();
    }

    public Task KillAsync() => Process!.KillAsync();

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

    /// <summary>What a request is answered with.</summary>
    public async Task<HttpStatusCode> AskAsync(HttpMethod method, string path, string? token = null, (string Name, string Value)? header = null)
    {
        using var request = new HttpRequestMessage(method, Url + path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (header is { } more)
            request.Headers.Add(more.Name, more.Value);
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }

    /// <summary>A new token of its API.</summary>
    public async Task<string> NewTokenAsync(string name, string role)
    {
        var (code, output, errors) = await Program.RunAsync("", "token", "new", name, "--role", role, "--config", Config);
        Assert.True(code == 0, errors);
        return output.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
            await Process.DisposeAsync();
        if (SystemVQueue.TryOpen(Key) is { } queue)
            queue.Remove();
        _http.Dispose();
        Folder.Dispose();
    }
}
