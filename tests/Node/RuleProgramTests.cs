using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FtpActors.Tests.Shared;

namespace FtpActors.Node.Tests;

/// <summary>Rules and deliveries over the real program.</summary>
public sealed class RuleProgramTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly int _port = FreePort.Take();
    private readonly int _udp = FreePort.Take();

    private string Node => $"http://127.0.0.1:{_port}";

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Rules_check_tells_every_problem_and_ends_with_2()
    {
        var file = _scratch.Write("bad.conf", """[ { "name": "a", "on": ["uplaod"], "actions": [ { "exec": ["x"] } ] }, { "name": "b", "on": ["upload"], "what": 1 } ]""");
        var (code, output, errors) = await RunningProgram.RunAsync(null, "rules", "check", "--rules", file);
        Assert.Equal(2, code);
        Assert.Equal("", output);
        foreach (var key in new[] { "rules[0].on", "rules[0].actions[0].exec[0]", "rules[1].what", "rules[1].actions" })
            Assert.Contains($"{file}: {key}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_check_shows_good_rules_in_a_table()
    {
        var file = _scratch.Write("good.conf", """[ { "name": "a", "on": ["upload"], "path": ["*.avi"], "actions": [ { "file": "/tmp/x" } ] } ]""");
        var (code, output, errors) = await RunningProgram.RunAsync(null, "rules", "check", "--rules", file);
        Assert.True(code == 0, errors);
        Assert.Contains("path=*.avi", output, StringComparison.Ordinal);
        Assert.Contains("file /tmp/x", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_rules_file_at_SIGHUP_leaves_the_old_rules_and_a_good_one_replaces_them()
    {
        var rules = Rules("old", "true");
        using var node = await StartAsync();

        File.WriteAllText(rules, """[ { "name": "new", "on": ["nothing"], "actions": [] } ]""");
        node.Signal("HUP");
        await node.SaysAsync("the one in force stays");
        Assert.Contains("rules[0].on", node.Errors, StringComparison.Ordinal);
        Assert.Contains("rules[0].actions", node.Errors, StringComparison.Ordinal);
        Assert.Equal("old", Assert.Single(await LinesAsync("rules", "list")).GetProperty("rule").GetString());

        Rules("new", "true");
        node.Signal("HUP");
        await node.SaysAsync($"1 rules are in force, of {rules}");
        await UntilAsync(async () => Assert.Single(await LinesAsync("rules", "list")).GetProperty("rule").GetString() == "new");
    }

    [Fact]
    public async Task A_delivery_that_failed_is_listed_shown_and_retried_and_another_one_is_dropped()
    {
        var gate = Path.Combine(_scratch.Folder, "gate");
        Rules("convert", $"test -e {gate} || {{ echo no gate yet; exit 3; }}");
        using var node = await StartAsync();
        await SimulateAsync();
        await UntilAsync(async () => await LinesAsync("deliveries", "list", "--state", "dead") is { Count: >= 2 }
            && (await LinesAsync("deliveries", "list", "--state", "due")).Count == 0);

        var dead = await LinesAsync("deliveries", "list", "--state", "dead");
        Assert.All(dead, d => Assert.Contains("exit code 3", d.GetProperty("outcome").GetString()!, StringComparison.Ordinal));
        var id = dead[0].GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        var other = dead[1].GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture);
        var (_, shown, _) = await AskAsync("deliveries", "show", id);
        Assert.Contains("| no gate yet", shown, StringComparison.Ordinal);

        var (refused, _, why) = await AskAsync("deliveries", "drop");
        Assert.Equal(2, refused);
        Assert.Contains("Give IDs, a filter, or --all", why, StringComparison.Ordinal);
        var (dropped, _, _) = await AskAsync("deliveries", "drop", other);
        Assert.Equal(0, dropped);

        File.WriteAllText(gate, "");
        Assert.Equal(dead.Count - 1, Assert.Single(await LinesAsync("deliveries", "retry", "--all")).GetProperty("retried").GetInt64());
        await UntilAsync(async () => (await LinesAsync("deliveries", "list", "--state", "done")).Count == dead.Count - 1);
        var whole = Assert.Single(await LinesAsync("deliveries", "show", id));
        Assert.Equal(dead[0].GetProperty("key").GetString(), whole.GetProperty("key").GetString());
        Assert.Equal(3, whole.GetProperty("tries").GetArrayLength());
        Assert.Equal(other, Assert.Single(await LinesAsync("deliveries", "list", "--state", "dropped")).GetProperty("id").GetInt64().ToString(CultureInfo.InvariantCulture));
        var (missing, _, _) = await AskAsync("deliveries", "retry", "999999");
        Assert.Equal(1, missing);
    }

    [Fact]
    public async Task A_trial_counts_what_fired_live_and_runs_nothing()
    {
        var mark = Path.Combine(_scratch.Folder, "ran");
        Rules("up", "true", """, { "name": "batch", "on": ["session_end"], "path": ["**"], "actions": [ { "exec": ["/bin/true"] } ] }""");
        using var node = await StartAsync();
        await SimulateAsync();
        await UntilAsync(async () => (await LinesAsync("sessions", "--open", "true")).Count == 0
            && (await LinesAsync("deliveries", "list", "--state", "due")).Count == 0 && (await LinesAsync("deliveries", "list")).Count > 0);

        foreach (var rule in (await LinesAsync("rules", "test", "--since", "1h")).Where(l => l.GetProperty("line").GetString() == "rule"))
        {
            var fired = (await LinesAsync("deliveries", "list", "--rule", rule.GetProperty("rule").GetString()!)).Count;
            Assert.Equal(fired, rule.GetProperty("matches").GetInt32());
            Assert.Equal(Math.Min(5, fired), rule.GetProperty("examples").GetArrayLength());
        }
        var before = (await LinesAsync("deliveries", "list")).Count;
        var file = _scratch.Write("trial.conf", $$"""[ { "name": "t", "on": ["upload", "session_end"], "actions": [ { "exec": ["/usr/bin/touch", "{{mark}}"] } ] } ]""");
        var tried = await LinesAsync("rules", "test", "--rules", file);
        Assert.True(tried.Single(l => l.GetProperty("line").GetString() == "rule").GetProperty("matches").GetInt64() > 0);
        Assert.Equal(before, (await LinesAsync("deliveries", "list")).Count);
        Assert.False(File.Exists(mark));

        var (code, _, errors) = await AskAsync("rules", "test", "--rules", _scratch.Write("bad.conf", """[ { "name": "t", "on": ["x"] } ]"""));
        Assert.Equal(2, code);
        Assert.Contains("[0].on", errors, StringComparison.Ordinal);
    }

    private string Rules(string name, string command, string more = "") => _scratch.Write("rules.conf",
        $$"""
        [ { "name": "{{name}}", "on": ["upload"], "retry": { "attempts": 2, "first": "10ms" },
            "actions": [ { "exec": ["/bin/sh", "-c", "{{command}}"] } ] } {{more}} ]
        """);

    private async Task<RunningProgram> StartAsync()
    {
        var config = _scratch.Write("node.conf", $$"""
            {
              "node": { "name": "test", "listen": "127.0.0.1:{{_port}}", "data": "var" }, "journal": { "shards": 2 }, "rules": "rules.conf",
              "sources": [ { "name": "udp", "kind": "ncftpd-udp", "listen": "127.0.0.1:{{_udp}}" } ]
            }
            """);
        var node = RunningProgram.Start("run", "--config", config);
        await node.SaysAsync("is ready");
        await UntilAsync(async () => Assert.Single(await LinesAsync("status")).GetProperty("sources")[0].GetProperty("state").GetString() == "reading");
        return node;
    }

    private async Task SimulateAsync()
    {
        var (code, _, errors) = await RunningProgram.RunAsync(null, "simulate", "--to", $"udp:127.0.0.1:{_udp}", "--sessions", "4", "--rate", "0");
        Assert.True(code == 0, errors);
    }

    private Task<(int Code, string Output, string Errors)> AskAsync(params string[] arguments) =>
        RunningProgram.RunAsync(null, [.. arguments, "--node", Node]);

    private async Task<List<JsonElement>> LinesAsync(params string[] arguments)
    {
        var (code, output, errors) = await AskAsync([.. arguments, "--format", "json"]);
        Assert.True(code == 0, errors);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "It did not come to that within 60 s.");
            await Task.Delay(50);
        }
    }
}
