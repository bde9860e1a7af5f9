using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Text;
using FtpActors.Protocol;

namespace FtpActors.Node.Commands;

/// <summary><c>events</c>: stored events, and new ones as they come.</summary>
internal static class EventsCommand
{
    private static readonly IReadOnlyList<Column<JsonElement>> Columns =
    [
        new("RECEIVED", e => e.Time("received_at"), Width: 19),
        new("KIND", e => e.Has("type") ? e.Text("type") : e.Text("kind"), Width: 9),
        new("STATUS", e => e.Text("status"), Width: 10),
        new("USER", e => e.Text("user"), Width: 10),
        new("FROM", e => e.Text("remote_host"), Width: 15),
        new("BYTES", e => e.Has("bytes") ? Units.Bytes(e.Number("bytes")) : "", Right: true, Width: 8),
        new("RATE", Rate, Right: true, Width: 9),
        new("PATH", e => e.Has("path_to") ? $"{e.Text("path")} -> {e.Text("path_to")}" : e.Text("path")),
    ];

    // As many as a node gives at once (docs/api.md).
    private const string MostOfPart = "10000";

    public static Command Make()
    {
        var command = new TaughtCommand("events",
            """
            Lists stored events in the order they came. With --follow new ones are shown as they become durable, after the last 10 (or what --last and --since say).

            Examples:
              ftpactors events --last 50
              ftpactors events --follow --kind upload
              ftpactors events --since 1h --path '/home/*' --format json | jq .bytes
            """);
        var since = NodeOptions.Moment("--since", "Only events received since.");
        var until = NodeOptions.Moment("--until", "Only events received before.");
        var kind = new Option<string?>("--kind") { Description = "Only this kind.", HelpName = "KIND" };
        kind.AcceptOnlyFromAmong([.. Names.AllKinds]);
        var user = new Option<string?>("--user") { Description = "Only this user; * stands for any characters.", HelpName = "NAME" };
        var path = new Option<string?>("--path") { Description = "Only these paths; * stands for any characters.", HelpName = "PATH" };
        var last = NodeOptions.Count("--last", "Only the last N that fit.");
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with new events until interrupted." };
        foreach (var option in new Option[] { since, until, kind, user, path, last, follow })
            command.Add(option);
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var following = parsed.GetValue(follow);
            var count = parsed.GetValue(last) ?? (following && parsed.GetValue(since) is null ? 10 : null);
            try
            {
                (string, string?)[] filters =
                [
                    ("since", parsed.GetValue(since)), ("until", parsed.GetValue(until)), ("kind", parsed.GetValue(kind)),
                    ("user", parsed.GetValue(user)), ("path", parsed.GetValue(path)), ("last", count?.ToString(CultureInfo.InvariantCulture)),
                    ("limit", following ? null : MostOfPart),
                ];
                return following
                    ? await options.FollowAsync(parsed, "/api/v1/events/stream", filters, Columns, cancel)
                    : await options.WriteAsync(parsed, "/api/v1/events", filters, Columns, "No such events.", cancel);
            }
            catch (OperationCanceledException) when (following && cancel.IsCancellationRequested)
            {
                // Ctrl-C is how following ends.
                return ExitCodes.Ok;
            }
        });
        return command;
    }

    private static string Rate(JsonElement e) => e.Number("seconds") is > 0 and var seconds && e.Has("bytes") ? Units.Rate(e.Number("bytes") / seconds) : "";
}
