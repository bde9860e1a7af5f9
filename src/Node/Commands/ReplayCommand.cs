using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>replay</c>: stored events through the rules again.</summary>
internal static class ReplayCommand
{
    private static readonly string[] FilterNames = ["kind", "user", "path", "rule"];

    public static Command Make()
    {
        var since = NodeOptions.Moment("--since", "Events received (sessions opened or closed) from then on.");
        var until = NodeOptions.Moment("--until", "Events received before. 0s is now.");
        var kind = new Option<string?>("--kind") { Description = "Only this kind of event, session_start or session_end.", HelpName = "KIND" };
        var user = new Option<string?>("--user") { Description = "Only this user; * stands for anything.", HelpName = "USER" };
        var path = new Option<string?>("--path") { Description = "Only these paths; * stands for anything.", HelpName = "PATH" };
        var rule = new Option<string?>("--rule") { Description = "Only this rule.", HelpName = "NAME" };
        var dry = new Option<bool>("--dry-run") { Description = "Counts by rule and makes nothing." };
        var resume = new Option<string?>("--resume") { Description = "Goes on with a replay and shows how far it is.", HelpName = "ID" };
        var stop = new Option<string?>("--stop") { Description = "Stops a replay; what it made stays.", HelpName = "ID" };
        var list = new Option<bool>("--list") { Description = "Lists all replays." };
        var command = new TaughtCommand("replay",
            """
            Makes new deliveries for stored events, by the rules in force now. They are marked with the id of the replay and run as all others do. The node
            does the work: Ctrl-C only ends the watching, and a replay that a restart of the node interrupted goes on by itself, making nothing twice.

            Examples:
              ftpactors replay --since 2d --until 0s --rule new-video --dry-run
              ftpactors replay --since 2026-01-31T12:00 --until 2026-01-31T18:00 --kind upload --path '/incoming/*'
              ftpactors replay --list
              ftpactors replay --resume 20260131-180500-1f3a
            """) { since, until, kind, user, path, rule, dry, resume, stop, list };
        command.Check(result =>
        {
            var asked = new[] { result.GetValue(resume) is not null, result.GetValue(stop) is not null, result.GetValue(list) }.Count(a => a);
            if (asked == 0 && (result.GetValue(since) is null || result.GetValue(until) is null))
                result.AddError("Give --since and --until, or one of --resume ID, --stop ID, --list.");
            if (asked > 1 || (asked == 1 && result.GetValue(since) is not null))
                result.AddError("--since, --resume, --stop and --list exclude each other.");
        });
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(list))
                return await ListAsync(options, parsed, cancel);
            using var node = options.Connect(parsed);
            if (parsed.GetValue(stop) is { } stopped)
            {
                await node.SendAsync(HttpMethod.Post, $"/api/v1/replays/{Uri.EscapeDataString(stopped)}/stop", cancel);
                Console.Error.WriteLine($"Replay {Visible.Of(stopped)} is stopped. Go on: ftpactors replay --resume {Visible.Of(stopped)}");
                return ExitCodes.Ok;
            }
            (string Name, string? Value)[] question =
            [
                ("since", parsed.GetValue(since)), ("until", parsed.GetValue(until)), ("kind", parsed.GetValue(kind)), ("user", parsed.GetValue(user)),
                ("path", parsed.GetValue(path)), ("rule", parsed.GetValue(rule)), ("dry_run", parsed.GetValue(dry) ? "true" : null),
            ];
            var query = string.Join('&', question.Where(q => q.Value is not null).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}"));
            var begun = await node.SendAsync(
                HttpMethod.Post, parsed.GetValue(resume) is { } id ? $"/api/v1/replays/{Uri.EscapeDataString(id)}/resume" : $"/api/v1/replays?{query}", cancel);
            return await new ReplayScreen(node, begun.Text("id"), options.IsJson(parsed)).FollowAsync(cancel);
        });
        return command;
    }

    private static Task<int> ListAsync(NodeOptions options, ParseResult parsed, CancellationToken cancel) => options.WriteAsync(
        parsed, "/api/v1/replays", [],
        [
            new("ID", r => r.Text("id")),
            new("STATE", r => r.Text("state") + (r.Has("problem") ? "!" : "")),
            new("SINCE", r => r.Time("since")),
            new("UNTIL", r => r.Time("until")),
            new("READ", r => Units.Count(r.Whole("read")), Right: true),
            new("MATCHED", r => Units.Count(r.Whole("matched")), Right: true),
            new("MADE", r => r.TryGetProperty("dry_run", out var d) && d.ValueKind == JsonValueKind.True ? "dry run" : Units.Count(r.Whole("made")), Right: true),
            new("FILTERS", Filters),
        ],
        "There are no replays.", cancel);

    private static string Filters(JsonElement r) =>
        string.Join(' ', FilterNames.Where(f => r.Has(f)).Select(f => $"{f}={r.Text(f)}"));
}
