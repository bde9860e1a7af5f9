using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A node's folder, queue and ports, which outlive its process: it can be killed and started again.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http;
    private readonly string _scheme;

    public TestNode(
        string take = "safe", string? data = null, string handler = "{}", string rules = "[]", string more = "", string sources = "",
        string journal = "\"kind\": \"sqlite\"", string name = "ftp1", string roles = "\"ingest\", \"handler\"",
        string level = "information", string scheme = "http")
    {
        _scheme = scheme;
        // Whose certificate it is matters only to the tests of it.
        _http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown is not null }) { Timeout = TimeSpan.FromSeconds(30) };
        Key = QueueKey.Parse($"0x{Random.Shared.Next(0x10000000, 0x7fffffff):X8}");
        Data = data ?? _folder["data"];
        Listen = $"127.0.0.1:{FreePort(SocketType.Stream, ProtocolType.Tcp)}";
        Udp = $"127.0.0.1:{FreePort(SocketType.Dgram, ProtocolType.Udp)}";
        Config = _folder["node.conf"];
        File.WriteAllText(Config, $$"""
            { "node": { "name": "{{name}}", "roles": [{{roles}}], "listen": "{{Listen}}", "data": "{{Data}}", "log_level": "{{level}}" },
              "journal": { {{journal}}, "shards": 4 },
              "handler": {{handler}},
              "rules": {{rules}},
              {{more}}
              "actions": { "parallel": {{Parallel}} },
              "sources": [ { "name": "queue", "kind": "ncftpd-mqueue", "key": "{{Key}}", "take": "{{take}}" },
                           { "name": "udp", "kind": "ncftpd-udp", "listen": "{{Udp}}", "allow": ["127.0.0.1"] } {{(sources.Length > 0 ? "," + sources : "")}} ] }
            """);
    }

    /// <summary>Actions that run at once.</summary>
    public const int Parallel = 8;

    public QueueKey Key { get; }
    public string Data { get; }
    public string Listen { get; }
    public string Udp { get; }
    public string Config { get; }
    public Program? Process { get; private set; }
    public string Url => $"{_scheme}://{Listen}";

    /// <summary>Starts the process and waits until it is ready.</summary>
    public async Task StartAsync()
    {
        Process = Program.Start("run", "--config", Config);
        await Until.TrueAsync("the node is ready", async () =>
        {
            if (Process.HasExited)
                throw new InvalidOperationException($"The node ended at its start:\n{Process.Errors}");
            return await IsReadyAsync();
        });
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Process!.SignalAsync("TERM");
        return await Process.ExitAsync();
    }

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

    public async Task<JsonElement> SourceAsync(string name) =>
        (await GetAsync("/api/v1/status")).GetProperty("sources").EnumerateArray().Single(s => s.GetProperty("name").GetString() == name);

    /// <summary>Sends messages to its queue, also while it does not run.</summary>
    public void Send(params IEnumerable<NcFtpdMessage> messages)
    {
        var queue = SystemVQueue.OpenOrCreate(Key, 0x180);
        foreach (var message in messages)
            queue.Send(1, NcFtpdEncoder.Encode(message), default);
    }

    /// <summary>Waits until a number of events is stored and all of them are applied.</summary>
    public Task AppliedAsync(long events, int seconds = 120) => Until.TrueAsync(
        $"{events} events are applied",
        async () =>
        {
            var status = await GetAsync("/api/v1/status");
            return status.GetProperty("events").GetInt64() >= events && status.GetProperty("waiting").GetInt64() == 0;
        },
        seconds);

    /// <summary>Figures of the sessions, in the words of <c>simulate</c>.</summary>
    public async Task<Totals> TotalsAsync()
    {
        var sessions = await ItemsAsync("/api/v1/sessions");
        long Sum(string name) => sessions.Sum(s => s.GetProperty(name).GetInt64());
        return new Totals(sessions.Count, Sum("uploads"), Sum("downloads"), Sum("bytes_up"), Sum("bytes_down"));
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
            await Process.DisposeAsync();
        if (SystemVQueue.TryOpen(Key) is { } queue)
            queue.Remove();
        _http.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
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
    }

    /// <summary>A TCP port on loopback that nobody has.</summary>
    public static int FreeTcpPort() => FreePort(SocketType.Stream, ProtocolType.Tcp);

    private static int FreePort(SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

/// <summary>What was sent, or what the sessions add up to.</summary>
internal sealed record Totals(long Sessions, long Uploads, long Downloads, long BytesUp, long BytesDown)
{
    /// <summary>Of the JSON that <c>simulate</c> prints.</summary>
    public static (Totals Totals, long Messages, long Distinct) OfSimulation(string json)
    {
        var sent = JsonSerializer.Deserialize<JsonElement>(json);
        long Read(string name) => sent.GetProperty(name).GetInt64();
        return (new Totals(Read("sessions"), Read("uploads"), Read("downloads"), Read("bytes_up"), Read("bytes_down")), Read("messages"), Read("distinct"));
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Sessions} sessions, {Uploads} up ({BytesUp} B), {Downloads} down ({BytesDown} B)");
}
