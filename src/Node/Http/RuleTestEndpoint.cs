using System.Diagnostics;
using System.Text;
using System.Text.Json;
using FtpActors.Actors.History;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Trial;
using FtpActors.Node.Access;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;
using Microsoft.AspNetCore.Http.Features;

namespace FtpActors.Node.Http;

/// <summary>
/// <c>POST /api/v1/rules/test</c>: what the rules of the body (none: the ones in force) would have fired for. Lines of progress, then one line
/// per rule, then one of the whole.
/// </summary>
internal static class RuleTestEndpoint
{
    /// <summary>Bytes at most of the rules that are sent; more than other requests may send.</summary>
    public const int LongestRules = 4 * 1024 * 1024;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(500);

    public static void Map(IEndpointRouteBuilder routes, FtpNode node, CancellationToken stopping) =>
        routes.MapPost("/api/v1/rules/test", http => TestAsync(http, node, stopping)).WithMetadata(Readable.Instance)
            .Describe("What the rules of the body (none: the ones in force) would have fired for; nothing is run. Lines of progress, then one of each rule, then one of the whole.", AnswerKind.Stream, "RuleTest", "since", "until", "name");

    private static async Task TestAsync(HttpContext http, FtpNode node, CancellationToken stopping)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
        var (since, until) = (q.Moment("since"), q.Moment("until"));
        var rules = await RulesAsync(http, q.Text("name") ?? "the rules sent", node);
        var total = await node.Engine.History.CountEventsAsync(new IndexQuery { Since = since, Until = until }, http.RequestAborted);

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var clock = Stopwatch.StartNew();
        var trial = new RuleTrial(node.Engine.Journals, node.Engine.History, rules);
        var running = trial.RunAsync(since, until, cancel.Token);
        using var lines = new EventStream(http);
        while (await Task.WhenAny(running, Task.Delay(ProgressEvery, node.Time, cancel.Token)) != running && !cancel.IsCancellationRequested)
        {
            await lines.WriteAsync((trial.Read, total, clock.Elapsed), WriteProgress);
            await lines.FlushAsync();
        }
        IReadOnlyList<TrialResult> results;
        try
        {
            results = await running;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The client left or the node drains: the answer ends without its last line, and the connection with it.
            http.Abort();
            return;
        }
        foreach (var result in results)
            await lines.WriteAsync(result, WriteResult);
        await lines.WriteAsync((trial.Read, rules.Rules.Count, clock.Elapsed), WriteEnd);
        await lines.FlushAsync();
    }

    private static async Task<RuleSet> RulesAsync(HttpContext http, string name, FtpNode node)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestRules;
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        string text;
        try
        {
            text = await reader.ReadToEndAsync(http.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            throw new BadQueryException($"The rules cannot be read: {e.Message}");
        }
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new BadQueryException("'name' contains a NUL.");
        if (string.IsNullOrWhiteSpace(text))
            return node.Book.Rules;
        var (rules, problems) = RuleFile.Parse(text, name, node.Book.Users?.Users.Fields, foreign: true);
        return rules ?? throw new BadQueryException($"{(problems.Count == 1 ? "a problem" : $"{problems.Count} problems")} in the rules:\n  {string.Join("\n  ", problems)}");
    }

    private static void WriteProgress(Utf8JsonWriter json, (long Read, long Total, TimeSpan Elapsed) p)
    {
        json.WriteStartObject();
        json.WriteString("line", "progress");
        WriteRead(json, p.Read, p.Elapsed);
        json.WriteNumber("stored", p.Total);
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, TrialResult result)
    {
        json.WriteStartObject();
        json.WriteString("line", "rule");
        json.WriteString("rule", result.Rule);
        json.WriteNumber("matches", result.Matches);
        json.WriteStartArray("examples");
        foreach (var example in result.Examples)
        {
            json.WriteStartObject();
            EventJson.WriteTime(json, "at", example.At);
            json.WriteString("trigger", example.Trigger);
            json.WriteString("id", example.Id);
            json.WriteString("user", example.User);
            json.WriteString("path", example.Path);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEnd(Utf8JsonWriter json, (long Read, int Rules, TimeSpan Elapsed) end)
    {
        json.WriteStartObject();
        json.WriteString("line", "end");
        json.WriteNumber("rules", end.Rules);
        WriteRead(json, end.Read, end.Elapsed);
        json.WriteEndObject();
    }

    private static void WriteRead(Utf8JsonWriter json, long read, TimeSpan elapsed)
    {
        json.WriteNumber("read", read);
        json.WriteNumber("seconds", Math.Round(elapsed.TotalSeconds, 3));
        json.WriteNumber("rate", Math.Round(read / Math.Max(elapsed.TotalSeconds, 0.001)));
    }
}
