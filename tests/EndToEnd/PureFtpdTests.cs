using System.Text.Json;

namespace FtpActors.EndToEnd.Tests;

public sealed class PureFtpdTests
{
    [Fact]
    public async Task A_server_that_was_started_first_waits_for_the_node_and_its_uploads_are_events()
    {
        await using var server = new PureFtpdServer();
        server.Start();
        await using var node = NodeOf(server);
        await node.StartAsync();
        await Until.TrueAsync("the server listens", server.IsListeningAsync);
        var file = Path.Combine(node.Data, "up");
        await File.WriteAllTextAsync(file, "hello");

        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", file, server.Url("with%20two%20%20spaces%FF.txt")));
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", file, "--append", server.Url("again.txt")));
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", file, "--append", server.Url("again.txt")));
        await Until.TrueAsync("three events", async () => (await Uploads(node)).Count == 3);

        var uploads = await Uploads(node);
        Assert.Equal(
            [server.Home + @"/with two  spaces\xFF.txt", server.Home + "/again.txt", server.Home + "/again.txt"], uploads.Select(e => e.GetProperty("path").GetString()));
        Assert.All(uploads, e => Assert.Equal(("alice", "unknown", "pure"), (Text(e, "user"), Text(e, "status"), Text(e, "source"))));
        Assert.Equal(["size=5", "size=5", "size=10"], uploads.Select(e => e.GetProperty("extra")[0].GetString()));
        Assert.All(uploads, e => Assert.Contains("uid=1900", e.GetProperty("extra").EnumerateArray().Select(x => x.GetString())));
    }

    [Fact]
    public async Task An_upload_that_was_broken_off_is_no_success()
    {
        await using var server = new PureFtpdServer();
        await using var node = NodeOf(server);
        await node.StartAsync();
        server.Start();
        await Until.TrueAsync("the server listens", server.IsListeningAsync);
        var file = Path.Combine(node.Data, "big");
        await File.WriteAllBytesAsync(file, new byte[1 << 20]);

        Assert.Equal(28, await PureFtpdServer.CurlAsync("-T", file, "--limit-rate", "20k", "--max-time", "8", server.Url("big")));
        await Until.TrueAsync("the event", async () => (await Uploads(node)).Count == 1);
        Assert.Equal("unknown", Text((await Uploads(node))[0], "status"));
    }

    private static TestNode NodeOf(PureFtpdServer server) =>
        new(sources: $$"""{ "name": "pure", "kind": "pureftpd", "pipe": "{{server.Pipe}}" }""");

    private static async Task<List<JsonElement>> Uploads(TestNode node) =>
        [.. (await node.ItemsAsync("/api/v1/events")).Where(e => Text(e, "kind") == "upload")];

    private static string? Text(JsonElement e, string name) => e.GetProperty(name).GetString();
}
