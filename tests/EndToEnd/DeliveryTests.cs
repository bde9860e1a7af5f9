using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FtpActors.Protocol;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Rules on real nodes: promise 6 of the design.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public async Task An_action_runs_at_least_once_under_one_key_though_the_node_is_killed_ten_times()
    {
        const int uploads = 5000;
        using var folder = new TemporaryFolder();
        var log = folder["ran"];
        await using var node = new TestNode(rules: $$"""
            [ { "name": "count", "on": ["upload"], "parallel": {{TestNode.Parallel}}, "actions": [ { "exec": ["{{Hook(folder, $"printf '%s %s\\n' \"$FTP_DELIVERY_KEY\" \"$FTP_PATH\" >> {log}")}}"] } ] } ]
            """);
        await node.StartAsync();
        var sending = Task.Run(() => node.Send(Enumerable.Range(0, uploads).Select(i => Upload($"user{i % 97}", $"/in/{i}"))));

        var random = new Random(9);
        for (var kill = 0; kill < 10; kill++)
        {
            var before = Lines(log).Count;
            var more = random.Next(50, 400);
            await Until.TrueAsync("more actions", () => Lines(log).Count >= before + more);
            await node.Process!.KillAsync();
            await node.StartAsync();
        }
        await sending;
        await node.AppliedAsync(uploads);
        await Until.TrueAsync("all deliveries are done", async () => (await CountAsync(node, "done")) == uploads, 120);

        var runs = Lines(log).Select(l => l.Split(' ')).ToList();
        var byPath = runs.ToLookup(r => r[1], r => r[0]);
        Assert.Equal(uploads, byPath.Count);
        Assert.All(byPath, keys => Assert.Single(keys.Distinct()));
        Assert.InRange(runs.Count, uploads, uploads + (10 * TestNode.Parallel));
    }

    [Fact]
    public async Task A_failing_webhook_is_retried_becomes_a_dead_letter_and_succeeds_after_deliveries_retry()
    {
        await using var server = await WebhookServer.StartAsync();
        await using var node = new TestNode(rules: $$"""
            [ { "name": "tell", "on": ["upload"], "actions": [ { "webhook": { "url": "{{server.Url}}" } } ], "retry": { "attempts": 3, "first": "20ms", "max": "100ms" } } ]
            """);
        await node.StartAsync();
        server.Answer = 500;
        node.Send(Upload("anna", "/in/a"));
        await Until.TrueAsync("a dead letter", async () => await CountAsync(node, "dead") == 1);
        Assert.Equal(3, server.Keys.Count);

        server.Answer = 204;
        var (code, _, errors) = await Program.RunAsync("", "deliveries", "retry", "--rule", "tell", "--node", node.Url);
        Assert.True(code == 0, errors);
        await Until.TrueAsync("it is done", async () => await CountAsync(node, "done") == 1);
        Assert.Equal(4, server.Keys.Count);
        Assert.Single(server.Keys.Distinct());
        var (_, shown, _) = await Program.RunAsync("", "deliveries", "show", await IdAsync(node), "--format", "json", "--node", node.Url);
        Assert.Equal([500, 500, 500, 204], JsonSerializer.Deserialize<JsonElement>(shown.Split('\n')[0]).GetProperty("tries").EnumerateArray().Select(t => t.GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task A_webhook_that_hangs_resets_and_says_429_is_tried_until_it_takes_the_event()
    {
        await using var server = await WebhookServer.StartAsync();
        server.First.Enqueue(http => Task.Delay(Timeout.Infinite, http.RequestAborted));
        server.First.Enqueue(http =>
        {
            http.Abort();
            return Task.CompletedTask;
        });
        server.First.Enqueue(http =>
        {
            (http.Response.StatusCode, http.Response.Headers.RetryAfter) = (429, "1");
            return Task.CompletedTask;
        });
        await using var node = new TestNode(rules: $$"""
            [ { "name": "tell", "on": ["upload"], "actions": [ { "webhook": { "url": "{{server.Url}}", "timeout": "1s" } } ], "retry": { "attempts": 5, "first": "10ms", "max": "20ms" } } ]
            """);
        await node.StartAsync();
        node.Send(Upload("anna", "/in/a"));
        await Until.TrueAsync("it is done", async () => await CountAsync(node, "done") == 1);
        var tries = (await node.GetAsync($"/api/v1/deliveries/{await IdAsync(node)}")).GetProperty("tries").EnumerateArray().ToList();
        Assert.Equal([null, null, 429, 204], tries.Select(t => t.GetProperty("code").ValueKind == JsonValueKind.Null ? (int?)null : t.GetProperty("code").GetInt32()));
        Assert.True(tries[3].GetProperty("started_at").GetDateTimeOffset() - tries[2].GetProperty("ended_at").GetDateTimeOffset() >= TimeSpan.FromSeconds(0.99));
        Assert.Single(server.Keys.Distinct());
    }

    [Fact]
    public async Task A_mail_waits_for_its_server_and_goes_out_after_deliveries_retry()
    {
        var port = FreePort.Take();
        await using var node = new TestNode(
            rules: """[ { "name": "mail", "on": ["upload"], "actions": [ { "mail": { "to": "anna@example.org", "subject": "{{path}} is here", "body": "{{bytes}} bytes" } } ], "retry": { "attempts": 2, "first": "10ms", "max": "10ms" } } ]""",
            more: $$""" "mail": { "host": "127.0.0.1", "port": {{port}}, "tls": "none", "from": "ftp@example.org" }, """);
        await node.StartAsync();
        node.Send(Upload("anna", "/in/a\rBcc: everyone@example.org"));
        await Until.TrueAsync("a dead letter", async () => await CountAsync(node, "dead") == 1);

        using var server = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-u", "-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{port}"]) { RedirectStandardOutput = true })!;
        try
        {
            await Until.TrueAsync("it is done", async () =>
            {
                await Program.RunAsync("", "deliveries", "retry", "--rule", "mail", "--state", "dead", "--node", node.Url);
                return await CountAsync(node, "done") == 1;
            });
            var mail = await ReadMailAsync(server.StandardOutput);
            Assert.Contains(mail, l => l.StartsWith("Subject:", StringComparison.Ordinal) && l.Contains("/in/a", StringComparison.Ordinal));
            Assert.Contains(mail, l => l.StartsWith(Convert.ToBase64String("5 byt"u8)[..6], StringComparison.Ordinal));
            Assert.DoesNotContain(mail, l => l.StartsWith("Bcc:", StringComparison.OrdinalIgnoreCase));
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_slow_action_delays_neither_events_nor_the_actions_of_other_sessions()
    {
        using var folder = new TemporaryFolder();
        var log = folder["ran"];
        await using var node = new TestNode(rules: $$"""
            [ { "name": "slow", "on": ["upload"], "user": ["slow"], "parallel": 2, "actions": [ { "exec": ["/bin/sleep", "60"] } ] },
              { "name": "quick", "on": ["upload"], "not_user": ["slow"], "actions": [ { "exec": ["{{Hook(folder, $"echo \"$FTP_USER\" >> {log}")}}"] } ] } ]
            """);
        await node.StartAsync();
        node.Send(Enumerable.Range(0, 500).Select(i => Upload("slow", $"/slow/{i}")));
        node.Send(Enumerable.Range(0, 50).Select(i => Upload($"quick{i}", $"/quick/{i}")));
        await Until.TrueAsync("all quick ones ran", () => Lines(log).Count == 50, 30);
        await node.AppliedAsync(550);
        Assert.Equal(500, await CountAsync(node, "due"));
    }

    [Fact]
    public async Task Actions_of_one_session_run_in_order_and_a_chain_resumes_at_the_step_that_failed()
    {
        using var folder = new TemporaryFolder();
        var log = folder["ran"];
        // The second action fails until a file appears; the first must not run again for that.
        var second = Hook(folder, $"test -e {folder["open"]} && echo \"2 $FTP_PATH\" >> {log}", "second");
        await using var node = new TestNode(rules: $$"""
            [ { "name": "chain", "on": ["upload"], "actions": [ { "exec": ["{{Hook(folder, $"echo \"1 $FTP_PATH\" >> {log}")}}"] }, { "exec": ["{{second}}"] } ],
                "retry": { "attempts": 1000, "first": "10ms", "max": "50ms" } } ]
            """);
        await node.StartAsync();
        node.Send(new NcFtpdMessage { Type = "LOGIN", User = "anna", Email = "", Host1 = "s", Host2 = "192.0.2.7" });
        node.Send(Enumerable.Range(0, 20).Select(i => Upload("anna", $"/{i}")));
        await node.AppliedAsync(21);
        await Until.TrueAsync("the first action ran", () => Lines(log).Count == 1);
        await File.WriteAllTextAsync(folder["open"], "");
        await Until.TrueAsync("all are done", async () => await CountAsync(node, "done") == 20);
        Assert.Equal(Enumerable.Range(0, 20).SelectMany(i => new[] { $"1 /{i}", $"2 /{i}" }), Lines(log));
    }

    [Fact]
    public async Task The_end_of_a_session_tells_all_its_files_in_one_action_also_after_a_kill()
    {
        using var folder = new TemporaryFolder();
        var log = folder["ran"];
        await using var node = new TestNode(rules: $$"""
            [ { "name": "batch", "on": ["session_end"], "status": ["ok"], "path": ["*.xml"],
                "actions": [ { "exec": ["{{Hook(folder, $"tr '\\0' ',' < \"$FTP_FILES\" >> {log}; echo >> {log}")}}"] } ] } ]
            """);
        await node.StartAsync();
        node.Send(Upload("anna", "/1.xml"), Upload("anna", "/2.txt"), Upload("anna", "/3.xml") with { Status = "ABOR" });
        await node.AppliedAsync(3);
        await node.Process!.KillAsync();
        await node.StartAsync();
        node.Send(Upload("anna", "/4.xml"), new NcFtpdMessage { Type = "LOGOUT", User = "anna", Email = "", Host1 = "s", Host2 = "192.0.2.7" });
        await Until.TrueAsync("it ran", () => Lines(log).Count == 1);
        Assert.Equal("/1.xml,/4.xml,", Lines(log)[0]);
    }

    [Fact]
    public async Task Names_are_hostile_a_command_gets_their_exact_bytes_and_nothing_else_is_executed()
    {
        using var folder = new TemporaryFolder();
        var log = folder["ran"];
        byte[][] names =
        [
            "/in/with  two spaces and 'quotes\" `x`"u8.ToArray(), "/in/$(touch pwned);|&<>*?"u8.ToArray(), "-rf"u8.ToArray(),
            [.. "/in/caf"u8, 0xE9, 0xFF, .. "\\x41\\\\"u8], [.. "/in/"u8, .. Enumerable.Repeat((byte)'n', 900)],
        ];
        await using var node = new TestNode(rules: $$"""
            [ { "name": "names", "on": ["upload"], "order": "session", "actions": [ { "exec": ["{{Hook(folder, $"printf '%s\\0' \"$#\" \"$@\" >> {log}")}}", "PATH"] } ] } ]
            """.Replace("\"PATH\"", "\"{{path}}\"", StringComparison.Ordinal));
        await node.StartAsync();
        node.Send(names.Select(n => Upload("anna", ReversibleText.FromBytes(n))));
        await Until.TrueAsync("all are done", async () => await CountAsync(node, "done") == names.Length);
        byte[] expected = [.. names.SelectMany(n => (byte[])[.. "1\0"u8, .. n, 0])];
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(await File.ReadAllBytesAsync(log)));
        Assert.False(File.Exists("pwned") || File.Exists(folder["pwned"]) || File.Exists("/pwned"));
    }

    [Fact]
    public async Task A_replay_makes_deliveries_for_stored_events_and_a_dry_run_makes_none()
    {
        using var folder = new TemporaryFolder();
        var log = folder["ran"];
        await using var node = new TestNode(rules: $$"""
            [ { "name": "again", "on": ["upload"], "actions": [ { "exec": ["{{Hook(folder, $"echo \"$FTP_PATH\" >> {log}")}}"] } ] } ]
            """);
        await node.StartAsync();
        node.Send(Enumerable.Range(0, 10).Select(i => Upload("anna", $"/{i}")));
        await Until.TrueAsync("all are done", async () => await CountAsync(node, "done") == 10);

        string[] range = ["--since", "1h", "--until", DateTimeOffset.UtcNow.AddMinutes(1).ToString("O", CultureInfo.InvariantCulture), "--node", node.Url];
        var dry = await Program.RunAsync("", ["replay", .. range, "--dry-run"]);
        Assert.True(dry.Code == 0, dry.Errors);
        Assert.Equal(10, await CountAsync(node, "done"));
        var real = await Program.RunAsync("", ["replay", .. range]);
        Assert.True(real.Code == 0, real.Errors);
        await Until.TrueAsync("all ran again", async () => await CountAsync(node, "done") == 20);
        Assert.Equal(Enumerable.Range(0, 10).SelectMany(i => new[] { $"/{i}", $"/{i}" }).Order(), Lines(log).Order());
    }

    private static async Task<string> IdAsync(TestNode node) => Assert.Single(await node.ItemsAsync("/api/v1/deliveries")).GetProperty("id").GetRawText();

    private static NcFtpdMessage Upload(string user, string path) => new()
    {
        Type = "UPLOAD", User = user, Email = "", Host1 = "s", Host2 = "192.0.2.7", Path = path, Bytes = 5, Seconds = 0.1, Rate = 1, Suffix = "",
        Status = "OK", TransferType = "I", Notes = "", StartedAt = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000),
    };

    private static string Hook(TemporaryFolder folder, string script, string name = "hook")
    {
        File.WriteAllText(folder[name], $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(folder[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder[name];
    }

    private static async Task<List<string>> ReadMailAsync(StreamReader output)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var lines = new List<string>();
        while (await output.ReadLineAsync(limit.Token) is { } line && !line.Contains("END MESSAGE", StringComparison.Ordinal))
            lines.Add(line);
        return lines;
    }

    private static List<string> Lines(string file) => File.Exists(file) ? [.. File.ReadAllLines(file, Encoding.UTF8)] : [];

    private static async Task<int> CountAsync(TestNode node, string state) => (await node.ItemsAsync($"/api/v1/deliveries?state={state}")).Count;
}
