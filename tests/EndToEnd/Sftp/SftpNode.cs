using System.Text.Json;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>A real sshd and a node that receives its log and watches its files; one for all tests of a class.</summary>
public class SftpNode : IAsyncLifetime
{
    internal SftpServer Server { get; } = new();
    internal TestNode Node { get; }

    public SftpNode()
        : this(isWatchAlone: false)
    {
    }

    private protected SftpNode(bool isWatchAlone)
    {
        var log = isWatchAlone ? "" : $$"""{ "name": "ssh", "kind": "openssh-log", "sockets": ["{{Server.Log}}"] },""";
        var beside = isWatchAlone ? "" : """, "beside": ["ssh"], "window": "1s" """;
        Node = new TestNode(sources: $$"""
            {{log}}
            { "name": "drop", "kind": "watch", "path": "{{Server.Root}}", "user": "{{Server.Root}}/{user}/**", "steady": "300ms"{{beside}} }
            """);
    }

    public async Task InitializeAsync()
    {
        await Node.StartAsync();
        await Server.StartAsync();
        await Until.TrueAsync("the folder was looked at", async () => (await Node.GetAsync("/api/v1/status")).GetProperty("sources").EnumerateArray().All(s => s.Text("name") is not ("drop" or "ssh") || s.Text("state") == "reading"));
    }

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await Server.DisposeAsync();
    }

    /// <summary>A folder of alice's that is empty.</summary>
    public async Task<string> FolderAsync(string name)
    {
        var folder = Path.Combine(Server.Home, name);
        Directory.CreateDirectory(folder);
        Assert.Equal(0, await SftpServer.ExecuteAsync("chown", "", "1901:1901", folder));
        return folder;
    }

    /// <summary>The events of a folder, in order, as one line of words each, when so many are there and nothing waits to be told.</summary>
    internal async Task<List<string>> EventsAsync(string folder, int count) => [.. (await JsonAsync(folder, count)).Select(e => Words(e, folder))];

    internal async Task<List<JsonElement>> JsonAsync(string folder, int count)
    {
        List<JsonElement> events = [];
        try
        {
            await Until.TrueAsync($"{count} events of {folder}", async () =>
            {
                events = [.. (await Node.ItemsAsync("/api/v1/events")).Where(e => IsIn(TextOf(e, "path"), folder))];
                return events.Count >= count && (await Node.SourceAsync("drop")).GetProperty("depth").GetInt64() == 0;
            });
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{string.Join('\n', events)}\n{await Node.GetAsync("/api/v1/status")}", e);
        }
        return events;
    }

    private static bool IsIn(string? path, string folder) => path == folder || path?.StartsWith(folder + "/", StringComparison.Ordinal) == true;

    private static string? TextOf(JsonElement e, string name) => e.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Words(JsonElement e, string folder)
    {
        string? Text(string name) => TextOf(e, name);
        string Name(string? path) => path == folder ? "." : path?[(folder.Length + 1)..] ?? "";
        var flags = string.Join(',', (e.TryGetProperty("flags", out var all) ? [.. all.EnumerateArray()] : Array.Empty<JsonElement>()).Select(f => f.GetString()));
        var to = Text("path_to") is { } target ? ">" + Name(target) : Text("path_from") is { } from ? "<" + Name(from) : "";
        return $"{e.Text("source")} {e.Text("kind")} {e.Text("status")} {Name(Text("path"))}{to}{(flags.Length > 0 ? " " + flags : "")}";
    }
}

/// <summary>The same with the watch alone: it hears of files, and of nobody who wrote them.</summary>
public sealed class WatchNode() : SftpNode(isWatchAlone: true);
