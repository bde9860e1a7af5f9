using System.Globalization;
using System.Text.Json;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>A client that stops politely half-way closes its file as a good one does; a rule that looks at the upload can tell.</summary>
public sealed class ValidUploadTests
{
    private const int Whole = 6_000_000;

    [Theory]
    [InlineData("sha256", "{name}.sha256", "sha256sum big > big.sha256", "big.sha256")]
    [InlineData("md5", "MD5SUMS", "md5sum big small > MD5SUMS", "MD5SUMS")]
    [InlineData("size", "{name}.size", "stat -c %s big > big.size", "big.size")]
    [InlineData("done", "{stem}.done", ": > big.done", "big.done")]
    [InlineData("exec", "", ":", "")]
    public async Task A_client_that_stops_half_way_fires_no_rule_that_looks_and_one_that_does_not_fires_it(string expected, string beside, string make, string made)
    {
        using var folder = new TemporaryFolder();
        await using var server = new SftpServer();
        var value = expected == "exec" ? $"[\"{Hook(folder, "check", $"test $(stat -c %s \"$1\") -eq {Whole}")}\", \"{{{{path}}}}\"]" : $"\"{beside}\"";
        await using var node = new TestNode(
            sources: $$"""{ "name": "ssh", "kind": "openssh-log", "sockets": ["{{server.Log}}"] }""", rules: Rule(folder, $"\"{expected}\": {value}, \"wait\": \"10s\""));
        await node.StartAsync();
        await server.StartAsync();
        var (big, _) = (server.LocalFile("big", Whole), server.LocalFile("small", 1));
        Assert.Equal(0, await SftpServer.ExecuteAsync("sh", "", "-c", $"cd {Path.GetDirectoryName(big)}; {make}"));

        Assert.Equal(0, await server.SftpAsync($"put {big} big{(made.Length > 0 ? $"\nput {Path.GetDirectoryName(big)}/{made} {made}" : "")}"));
        await Until.TrueAsync("the rule has fired", async () => (await DeliveriesAsync(node, "done")).Count == 1);
        Assert.Equal([server.Home + "/big"], Lines(folder["used"]));

        // The same name again, and what says so is still there, of the first time.
        await StopHalfWayAsync(server, big, "big");
        var upload = (await node.ItemsAsync("/api/v1/events?kind=upload")).Last();
        Assert.Equal("ok", upload.Text("status"));
        Assert.InRange(upload.Whole("bytes") ?? 0, 1, Whole - 1);
        await Until.TrueAsync("it was refused", () => Lines(folder["refused"]).Count == 1);
        var dead = Assert.Single(await DeliveriesAsync(node, "dead"));
        Assert.Contains("not valid: ", dead.Text("outcome"), StringComparison.Ordinal);
        Assert.Equal([server.Home + "/big"], Lines(folder["refused"]));
        Assert.Equal([server.Home + "/big"], Lines(folder["used"]));
    }

    [Fact]
    public async Task A_file_that_is_waited_for_is_waited_for_over_a_kill_of_the_node()
    {
        using var folder = new TemporaryFolder();
        await using var server = new SftpServer();
        await using var node = new TestNode(
            sources: $$"""{ "name": "ssh", "kind": "openssh-log", "sockets": ["{{server.Log}}"] }""", rules: Rule(folder, "\"done\": \"{name}.done\""));
        await node.StartAsync();
        await server.StartAsync();
        Assert.Equal(0, await server.SftpAsync($"put {server.LocalFile("small", 20_000)} a\nput {server.LocalFile("small", 20_000)} b"));
        await Until.TrueAsync("both wait", async () => (await DeliveriesAsync(node, "due")).Count(d => d.Text("outcome")?.Contains(".done", StringComparison.Ordinal) == true) == 2);
        await node.Process!.KillAsync();
        await node.StartAsync();
        Assert.Equal(0, await server.SftpAsync($"put {server.LocalFile("empty", 0)} a.done"));
        await Until.TrueAsync("the rule has fired", async () => (await DeliveriesAsync(node, "done")).Count == 1);
        Assert.Equal([server.Home + "/a"], Lines(folder["used"]));
        Assert.Equal(server.Home + "/b", Assert.Single(await DeliveriesAsync(node, "due")).Text("path"));
    }

    [Fact]
    public async Task Where_the_watch_alone_tells_an_upload_the_rule_that_looks_says_whether_it_is_ok()
    {
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder["in"]).FullName;
        await using var node = new TestNode(
            sources: $$"""{ "name": "drop", "kind": "watch", "path": "{{root}}", "steady": "100ms" }""", rules: Rule(folder, "\"size\": \"{name}.size\", \"wait\": \"0s\""));
        await node.StartAsync();
        await Until.TrueAsync("it watches", async () => (await node.SourceAsync("drop")).Text("state") == "reading");
        File.WriteAllText($"{root}/whole.size", "5");
        File.WriteAllText($"{root}/short.size", "5");
        File.WriteAllText($"{root}/whole", "12345");
        File.WriteAllText($"{root}/short", "1234");
        await Until.TrueAsync("both are over", async () => (await DeliveriesAsync(node, "done")).Count == 1 && Lines(folder["refused"]).Count == 1);
        Assert.Equal([$"{root}/whole"], Lines(folder["used"]));
        Assert.Equal([$"{root}/short"], Lines(folder["refused"]));
        Assert.All(await node.ItemsAsync("/api/v1/events?kind=upload"), e => Assert.Equal("unknown", e.Text("status")));

        var tested = await Program.RunAsync("", "rules", "test", "--node", node.Url, "--format", "json");
        Assert.Contains("\"rule\":\"whole\",\"matches\":2", tested.Output, StringComparison.Ordinal);
    }

    private static async Task StopHalfWayAsync(SftpServer server, string file, string name)
    {
        var old = new FileInfo($"{server.Home}/{name}").LastWriteTimeUtc;
        using var client = server.StartSftp($"put {file} {name}", "alice", "-l", "16000");
        await Until.TrueAsync("the upload runs", () => new FileInfo($"{server.Home}/{name}") is { Length: > 100_000 and < Whole } now && now.LastWriteTimeUtc > old);
        Assert.Equal(0, await SftpServer.ExecuteAsync("kill", "", "-INT", client.Id.ToString(CultureInfo.InvariantCulture)));
        await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static string Rule(TemporaryFolder folder, string valid) => $$$"""
        [ { "name": "whole", "on": ["upload"], "status": ["ok"], "where": "on-host", "order": "none", "valid": { {{{valid}}} },
            "actions": [ { "exec": ["{{{Hook(folder, "use", $"echo \"$FTP_PATH\" >> {folder["used"]}")}}}"] } ],
            "on_failure": [ { "exec": ["{{{Hook(folder, "refuse", $"echo \"$FTP_PATH\" >> {folder["refused"]}")}}}"] } ] } ]
        """;

    private static string Hook(TemporaryFolder folder, string name, string script)
    {
        File.WriteAllText(folder[name], $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(folder[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder[name];
    }

    private static List<string> Lines(string file) => File.Exists(file) ? [.. File.ReadAllLines(file)] : [];

    // Without what is done on failure, which is a delivery of its own.
    private static async Task<List<JsonElement>> DeliveriesAsync(TestNode node, string state) =>
        [.. (await node.ItemsAsync($"/api/v1/deliveries?state={state}")).Where(d => d.Text("trigger") == "upload")];
}
