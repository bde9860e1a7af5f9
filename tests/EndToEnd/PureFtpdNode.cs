using System.Text.Json;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A real Pure-FTPd and a node that reads it.</summary>
internal sealed class PureFtpdNode : IAsyncDisposable
{
    public PureFtpdNode(string altlog = "", bool pipe = true, string more = "")
    {
        Altlog = altlog.Length > 0 ? Server.Run + "/altlog" : null;
        Format = altlog;
        HasPipe = pipe;
        Node = new TestNode(sources: $$"""
            { "name": "pure", "kind": "pureftpd", "scoreboard": "{{Server.Scoreboard}}", "pipe": {{Json(pipe ? Server.Pipe : null)}}, "altlog": {{Json(Altlog)}}{{more}} }
            """);
    }

    public PureFtpdServer Server { get; } = new();
    public TestNode Node { get; }
    public string? Altlog { get; }
    public string Format { get; }
    public bool HasPipe { get; }

    public static async Task<PureFtpdNode> StartAsync(string altlog = "", bool pipe = true, string more = "", string address = "127.0.0.1")
    {
        var pure = new PureFtpdNode(altlog, pipe, more);
        await pure.Node.StartAsync();
        await pure.StartServerAsync(address);
        return pure;
    }

    public async Task StartServerAsync(string address = "127.0.0.1")
    {
        string[] log = Altlog is null ? [] : ["-O", $"{Format}:{Altlog}"];
        Server.Start(address, [.. HasPipe ? ["-o"] : Array.Empty<string>(), .. log]);
        if (address == "127.0.0.1")
            await Until.TrueAsync("the server listens", Server.IsListeningAsync);
    }

    public Task<FtpConnection> LoginAsync(string user = "alice") => FtpConnection.LoginAsync(Server.Port, user);

    /// <summary>A file with a number of bytes.</summary>
    public string File(int bytes)
    {
        var file = Path.Combine(Node.Data, $"file{bytes}");
        System.IO.File.WriteAllBytes(file, new byte[bytes]);
        return file;
    }

    /// <summary>The events of the server, in order, one line of words each, without progress unless asked for.</summary>
    public async Task<List<JsonElement>> EventsAsync(bool progress = false) =>
        [.. (await Node.ItemsAsync("/api/v1/events")).Where(e => e.Text("source") == "pure" && (progress || e.Text("kind") != "progress"))];

    /// <summary>Waits until a session ended so often.</summary>
    public Task LogoutsAsync(int count = 1) =>
        Until.TrueAsync($"{count} logouts", async () => (await EventsAsync()).Count(e => e.Text("kind") == "logout") >= count);

    /// <summary>Waits until a transfer of a file was seen to run.</summary>
    public async Task ProgressAsync(string path)
    {
        try
        {
            await Until.TrueAsync($"{path} makes progress", async () => (await EventsAsync(progress: true)).Exists(e => e.Text("kind") == "progress" && e.Text("path") == path));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{await Node.GetAsync("/api/v1/status")}\n{string.Join('\n', await EventsAsync(progress: true))}\n{await ScoreboardAsync()}", e);
        }
    }

    public async Task<JsonElement> SessionAsync(string user = "alice") =>
        (await Node.ItemsAsync("/api/v1/sessions")).Last(s => s.Text("user") == user);

    /// <summary>Waits until the session does something; it may not be known yet.</summary>
    public Task StateAsync(string state) => Until.TrueAsync(
        $"the session is {state}", async () => (await Node.ItemsAsync("/api/v1/sessions")).Exists(s => s.Text("user") == "alice" && s.Text("state") == state));

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>What the files of the scoreboard say, for the message of a failed test.</summary>
    private async Task<string> ScoreboardAsync()
    {
        var said = new List<string>();
        foreach (var file in Directory.Exists(Server.Scoreboard) ? Directory.GetFiles(Server.Scoreboard) : [])
        {
            ScoreboardEntry.TryDecode(await System.IO.File.ReadAllBytesAsync(file), out var entry, out var reason);
            said.Add($"{Path.GetFileName(file)}: {reason ?? entry!.ToString()}");
        }
        return string.Join('\n', said);
    }

    private static string Json(string? text) => text is null ? "null" : $"\"{text}\"";
}

/// <summary>Short words for reading JSON.</summary>
internal static class JsonWords
{
    public static string? Text(this JsonElement e, string name) => e.GetProperty(name).GetString();

    public static long? Whole(this JsonElement e, string name) => e.GetProperty(name) is { ValueKind: JsonValueKind.Number } n ? n.GetInt64() : null;

    public static IEnumerable<string?> Kinds(this IEnumerable<JsonElement> events) => events.Select(e => e.Text("kind"));
}
