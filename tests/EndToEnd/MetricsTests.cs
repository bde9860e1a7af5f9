using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace FtpActors.EndToEnd.Tests;

/// <summary>What a monitoring system gets from a real node, judged by Prometheus' own tool.</summary>
public sealed partial class MetricsTests
{
    private const string Rules = """[ { "name": "fails", "on": ["upload"], "actions": [ { "exec": ["/bin/false"] } ], "retry": { "attempts": 1, "first": "100ms" } } ]""";

    [Fact]
    public async Task Metrics_are_valid_and_say_what_happened()
    {
        await using var node = new TestNode(rules: Rules);
        await node.StartAsync();
        await using (var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "50", "--seed", "5", "--rate", "0"))
            Assert.Equal(0, await simulation.ExitAsync());
        var events = (await node.ItemsAsync("/api/v1/events?limit=10000")).Count;
        await Until.TrueAsync("nothing waits", async () =>
            await node.GetAsync("/api/v1/status") is var s && s.GetProperty("waiting").GetInt64() == 0 && s.GetProperty("deliveries").GetProperty("due").GetInt64() == 0);
        events = (await node.ItemsAsync("/api/v1/events?limit=10000")).Count;
        var dead = (await node.ItemsAsync("/api/v1/deliveries?state=dead")).Count;
        var text = await MetricsAsync(node);

        Assert.Equal("", await PromtoolAsync("check metrics", text));
        Assert.Equal(events, Sum(text, "ftpactors_events_total"));
        Assert.Equal(events, Sum(text, "ftpactors_handler_applied_total"));
        Assert.Equal(dead, Sum(text, "ftpactors_deliveries", "state=\"dead\""));
        Assert.Equal(dead, Sum(text, "ftpactors_action_duration_seconds_count", "outcome=\"failed\""));
        Assert.Equal(1, Sum(text, "ftpactors_node_ready"));
        Assert.Equal(2, Sum(text, "ftpactors_source_healthy"));
        // The gauges of silence are there also while all is well.
        Assert.Equal(0, Sum(text, "ftpactors_spool_oldest_unshipped_seconds"));
        Assert.Equal(0, Sum(text, "ftpactors_handler_oldest_unread_seconds"));
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - Sum(text, "ftpactors_source_last_event_seconds"), -1, 120);
        // Known values only: no user, path or address.
        var labels = Labels().Matches(text).Select(m => m.Value).Distinct().ToList();
        Assert.DoesNotContain(labels, label => label is "user" or "path" or "remote_host");
    }

    [Fact]
    public async Task The_alerts_and_the_dashboard_ask_only_for_metrics_that_there_are()
    {
        await using var node = new TestNode(rules: Rules);
        await node.StartAsync();
        await using (var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "20", "--seed", "6", "--rate", "0"))
            Assert.Equal(0, await simulation.ExitAsync());
        await Until.TrueAsync("an action has failed", async () => (await node.ItemsAsync("/api/v1/deliveries?state=dead")).Count > 0);
        var text = await MetricsAsync(node);
        var asked = Names().Matches(await File.ReadAllTextAsync(Monitoring("ftpactors.rules.yml")) + await File.ReadAllTextAsync(Monitoring("grafana-dashboard.json")))
            .Select(m => m.Value).Distinct().Where(name => !name.StartsWith("ftpactors_handlers_homeless", StringComparison.Ordinal)).ToList();
        Assert.True(asked.Count > 15, $"{asked.Count}");
        Assert.DoesNotContain(asked, name => !text.Contains($"\n{name}{{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_alerts_fire_when_they_should()
    {
        Assert.Contains("SUCCESS", await PromtoolAsync($"check rules {Monitoring("ftpactors.rules.yml")}", "", keepOutput: true), StringComparison.Ordinal);
        Assert.Contains("SUCCESS", await PromtoolAsync($"test rules {Monitoring("ftpactors.rules.test.yml")}", "", keepOutput: true), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_gets_metrics_and_the_way_of_an_event_as_one_trace()
    {
        var bodies = new List<(string Path, byte[] Body)>();
        var builder = WebApplication.CreateSlimBuilder();
        await using var collector = builder.Build();
        collector.Urls.Add("http://127.0.0.1:0");
        collector.MapPost("/v1/{kind}", async (HttpContext http, string kind) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            lock (bodies)
                bodies.Add((kind, body.ToArray()));
        });
        await collector.StartAsync();
        await using var node = new TestNode(rules: Rules, more: $$""" "telemetry": { "otlp": "{{collector.Urls.First()}}", "every": "1s", "trace_one_in": 1 }, """);
        await node.StartAsync();
        await using (var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "5", "--seed", "7", "--rate", "0"))
            Assert.Equal(0, await simulation.ExitAsync());
        await Until.TrueAsync("there is an event", async () => (await node.ItemsAsync("/api/v1/events?kind=upload")).Count > 0);
        var upload = (await node.ItemsAsync("/api/v1/events?kind=upload"))[0];
        var trace = TraceOf(upload.GetProperty("spool").GetString()!, upload.GetProperty("seq").GetInt64());

        await Until.TrueAsync("its trace has all parts", () => Has("traces", trace) >= 4);
        await Until.TrueAsync("metrics have come", () => Has("metrics", "ftpactors.events"u8.ToArray()) > 0);

        int Has(string kind, byte[] wanted)
        {
            lock (bodies)
                return bodies.Where(b => b.Path == kind).Sum(b => Count(b.Body, wanted));
        }
    }

    private static int Count(ReadOnlySpan<byte> body, ReadOnlySpan<byte> wanted)
    {
        var count = 0;
        for (int at; (at = body.IndexOf(wanted)) >= 0; body = body[(at + wanted.Length)..])
            count++;
        return count;
    }

    // As docs/metrics.md says it is made.
    private static byte[] TraceOf(string spool, long seq)
    {
        var number = BitConverter.GetBytes(seq);
        Array.Reverse(number);
        return SHA256.HashData([.. Encoding.UTF8.GetBytes(spool), .. number])[..16];
    }

    private static async Task<string> MetricsAsync(TestNode node)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"{node.Url}/metrics"));
    }

    private static double Sum(string text, string name, string label = "") => text.Split('\n')
        .Where(line => line.StartsWith($"{name}{{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));

    private static async Task<string> PromtoolAsync(string arguments, string input, bool keepOutput = false)
    {
        using var tool = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await tool.StandardInput.WriteAsync(input);
        tool.StandardInput.Close();
        var output = await tool.StandardOutput.ReadToEndAsync() + await tool.StandardError.ReadToEndAsync();
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0, output);
        return keepOutput ? output : output.Trim();
    }

    private static string Monitoring(string file) => Path.Combine(Path.GetDirectoryName(Program.Dll)!, "../../../../../../monitoring", file);

    [GeneratedRegex(@"ftpactors_[a-z_]+")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?<=[{,])[a-z_]+(?==)")]
    private static partial Regex Labels();
}
