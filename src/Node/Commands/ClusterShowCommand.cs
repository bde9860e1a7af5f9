using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>cluster show</c>: the members.</summary>
internal static class ClusterShowCommand
{
    private static readonly IReadOnlyList<Column<JsonElement>> Columns =
    [
        new("NODE", m => m.Text("name")),
        new("ROLES", m => string.Join(',', m.Items("roles").Select(r => r.GetString()))),
        new("STATUS", m => m.Text("status")),
        new("SINCE", m => m.Time("started_at")),
        new("HEARD", m => Units.Span(TimeSpan.FromSeconds(m.Number("silence_seconds"))), Right: true),
        new("SHARDS", m => Units.Count(m.Items("shards").Count()), Right: true),
        new("WEIGHT", m => Units.Count(m.Whole("weight")), Right: true),
        new("SPOOLED", m => m.Has("backlog") ? Units.Count(m.Whole("backlog")) : "", Right: true),
        new("VERSION", m => m.Text("version")),
        new("URL", m => m.Text("url")),
    ];

    public static Command Make()
    {
        var command = new TaughtCommand("show",
            """
            Shows the members of the cluster with their roles, status and number of shards. STATUS: up; leaving (gives its shards back); left;
            down (a person took it out); lost (not alive, and did not say that it goes). SINCE: start of its process. HEARD: how long ago it
            beat. SPOOLED: events that it has read and that have not reached the journal.

            Examples:
              ftpactors cluster show
              ftpactors cluster show --format json | jq '.members[] | {name, status, shards}'
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteEachAsync(parsed, "/api/cluster", Write, cancel));
        return command;
    }

    private static void Write(Output output, JsonElement cluster)
    {
        var table = new TextTable<JsonElement>(output, Columns, decide: 500);
        foreach (var member in cluster.Items("members"))
            table.Add(member);
        table.Finish();
        foreach (var problem in cluster.Items("problems"))
            output.Line(Visible.Of($"! {problem.GetString()}"));
    }
}
