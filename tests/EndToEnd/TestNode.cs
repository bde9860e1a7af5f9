using System.Globalization;
using System.Text.Json;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A node that is alone.</summary>
internal sealed class TestNode : NodeProcess
{
    public TestNode(
        string take = "safe", string? data = null, string handler = "{}", string rules = "[]", string more = "", string sources = "",
        string journal = "\"kind\": \"sqlite\"", string name = "ftp1", string roles = "\"ingest\", \"handler\"",
        string level = "information", string scheme = "http")
        : base(name, scheme)
    {
        Data = data ?? Folder["data"];
        Udp = $"127.0.0.1:{FreePort.Take()}";
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

    public string Data { get; }

    public string Udp { get; }

    /// <summary>Starts the process and waits until it is ready.</summary>
    public Task StartAsync()
    {
        Process = Program.Start("run", "--config", Config);
        return ReadyAsync();
    }

    public async Task<JsonElement> SourceAsync(string name) =>
        (await GetAsync("/api/v1/status")).GetProperty("sources").EnumerateArray().Single(s => s.GetProperty("name").GetString() == name);

    /// <summary>Waits until a source reads, which comes after the node is ready: before that its FIFO is not there, and a server would make a plain file.</summary>
    public Task ReadingAsync(string name) => Until.TrueAsync($"{name} reads", async () => (await SourceAsync(name)).GetProperty("state").GetString() == "reading");

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
