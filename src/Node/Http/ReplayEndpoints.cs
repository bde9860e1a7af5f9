using System.Text.Json;
using FtpActors.Actors.Replay;
using FtpActors.Actors.Rules;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>/api/v1/replays</c>: stored events through the rules again.</summary>
internal static class ReplayEndpoints
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromMilliseconds(500);
    private static readonly string[] Kinds = [.. Names.AllKinds, TriggerNames.Of(TriggerKind.SessionStart), TriggerNames.Of(TriggerKind.SessionEnd)];

    public static void Map(IEndpointRouteBuilder routes, FtpNode node, CancellationToken stopping)
    {
        routes.MapPost("/api/v1/replays", (HttpContext http) => BeginAsync(http, node))
            .Describe("Begins a replay: stored events through the rules in force, new deliveries for what fits.", AnswerKind.One, "Replay", "since", "until", "kind", "user", "path", "rule", "dry_run");
        routes.MapGet("/api/v1/replays", async http =>
        {
            _ = new QueryReader(http, node.Time.GetUtcNow());
            await JsonAnswer.ListAsync(http, await node.Engine.Replaying.ListAsync(), Write);
        }).Describe("All replays.", AnswerKind.List, "Replay");
        routes.MapGet("/api/v1/replays/{id}", (HttpContext http, string id) => AnswerAsync(http, () => node.Engine.Replaying.FindAsync(id)))
            .Describe("One replay.", AnswerKind.One, "Replay");
        routes.MapGet("/api/v1/replays/{id}/stream", (HttpContext http, string id) => FollowAsync(http, node, id, stopping))
            .Describe("A replay twice a second until it is at its end.", AnswerKind.Stream, "Replay");
        routes.MapPost("/api/v1/replays/{id}/stop", (HttpContext http, string id) => AnswerAsync(http, () => node.Engine.Replaying.StopAsync(id)))
            .Describe("Stops a replay; what it made stays. 400 when it is done.", AnswerKind.One, "Replay");
        routes.MapPost("/api/v1/replays/{id}/resume", (HttpContext http, string id) => AnswerAsync(http, () => node.Engine.Replaying.ResumeAsync(id)))
            .Describe("Goes on with a replay.", AnswerKind.One, "Replay");
    }

    private static Task BeginAsync(HttpContext http, FtpNode node)
    {
        var query = Read(http, node);
        return AnswerAsync(http, () => node.Engine.Replaying.BeginAsync(query));
    }

    private static ReplayQuery Read(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
        if (q.Text("kind") is { } kind && !Kinds.Contains(kind, StringComparer.Ordinal))
            throw new BadQueryException($"'kind={kind}' is nothing that is stored; known: {string.Join(", ", Kinds)}.");
        return new ReplayQuery
        {
            Since = q.Moment("since") ?? throw new BadQueryException("'since' is needed: a replay makes deliveries for everything from there on (7d, 2026-01-31T12:00:00Z)."),
            Until = q.Moment("until") ?? throw new BadQueryException("'until' is needed (0s is now)."),
            Kind = q.Text("kind"), User = q.Text("user"), Path = q.Text("path"), Rule = q.Text("rule"), DryRun = q.Flag("dry_run") == true,
        };
    }

    private static async Task AnswerAsync(HttpContext http, Func<Task<ReplayProgress>> ask)
    {
        try
        {
            await JsonAnswer.OneAsync(http, await ask(), Write);
        }
        catch (ReplayRefusedException e) when (!http.Response.HasStarted)
        {
            await Problems.WriteAsync(http, e.IsUnknown ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, e.Message);
        }
    }

    private static async Task FollowAsync(HttpContext http, FtpNode node, string id, CancellationToken stopping)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            var progress = await node.Engine.Replaying.FindAsync(id);
            using var lines = new EventStream(http);
            while (true)
            {
                await lines.WriteAsync(progress, Write);
                await lines.FlushAsync();
                if (progress.State != ReplayState.Running || progress.Problem is not null)
                    return;
                await Task.Delay(BetweenLines, node.Time, cancel.Token);
                progress = await node.Engine.Replaying.FindAsync(id);
            }
        }
        catch (ReplayRefusedException e) when (!http.Response.HasStarted)
        {
            await Problems.WriteAsync(http, StatusCodes.Status404NotFound, e.Message);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The client left or the node drains; the replay goes on, or goes on at the next start.
        }
    }

    private static void Write(Utf8JsonWriter json, ReplayProgress p)
    {
        json.WriteStartObject();
        json.WriteString("id", p.Id);
        json.WriteString("state", p.State.ToString().ToLowerInvariant());
        EventJson.WriteTime(json, "created_at", p.CreatedAt);
        EventJson.WriteTime(json, "since", p.Query.Since);
        EventJson.WriteTime(json, "until", p.Query.Until);
        json.WriteString("kind", p.Query.Kind);
        json.WriteString("user", p.Query.User);
        json.WriteString("path", p.Query.Path);
        json.WriteString("rule", p.Query.Rule);
        json.WriteBoolean("dry_run", p.Query.DryRun);
        json.WriteNumber("read", p.Read);
        json.WriteNumber("total", p.Total);
        json.WriteNumber("matched", p.Matched);
        json.WriteNumber("made", p.Made);
        json.WriteNumber("rate", Math.Round(p.Rate, 1));
        if (p.Remaining is { } remaining)
            json.WriteNumber("remaining_seconds", Math.Round(remaining.TotalSeconds, 1));
        else
            json.WriteNull("remaining_seconds");
        json.WriteStartObject("rules");
        foreach (var (rule, count) in p.Rules)
            json.WriteNumber(rule, count);
        json.WriteEndObject();
        json.WriteStartArray("missing_rules");
        foreach (var rule in p.MissingRules)
            json.WriteStringValue(rule);
        json.WriteEndArray();
        json.WriteString("problem", p.Problem);
        json.WriteEndObject();
    }
}
