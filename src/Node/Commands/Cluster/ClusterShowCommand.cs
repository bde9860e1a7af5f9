using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands.Cluster;

/// <summary><c>cluster show</c> and <c>cluster list-nodes</c>: the members.</summary>
internal static class ClusterShowCommand
{
    private static readonly IReadOnlyList<Column<JsonElement>> Short =
    [
        new("NODE", m => m.Text("name")),
        new("ADDRESS", m => m.Text("address")),
        new("STATUS", m => Flag(m, "reachable") ? m.Text("status") : $"{m.Text("status")}, unreachable"),
    ];

    private static readonly IReadOnlyList<Column<JsonElement>> Long =
    [
        .. Short,
        new("ROLES", m => string.Join(',', m.Items("roles").Select(r => r.GetString()))),
        new("SHARDS", m => Units.Count(m.Items("shards").Count()), Right: true),
        new("", m => string.Join(' ', ((string?[])[Flag(m, "leader") ? "leader" : null, Flag(m, "self") ? "asked" : null]).Where(w => w is not null))),
    ];

    public static Command MakeShow() => Make("show",
        """
        Shows the members of the cluster as the node that is asked sees them: STATUS as in Akka.Cluster (joining, weaklyup, up, leaving, exiting, down),
        SHARDS the number of handlers that live there.

        Examples:
          ftpactors cluster show
          ftpactors cluster show --format json | jq '.members[] | {name, status, shards}'
        """, Long);

    public static Command MakeListNodes() => Make("list-nodes",
        """
        Lists names and addresses of the members.

        Examples:
          ftpactors cluster list-nodes
        """, Short);

    private static TaughtCommand Make(string name, string teaching, IReadOnlyList<Column<JsonElement>> columns)
    {
        var command = new TaughtCommand(name, teaching);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteOneAsync(parsed, "/api/v1/cluster", (output, cluster) => Write(output, cluster, columns), cancel));
        return command;
    }

    private static void Write(Output output, JsonElement cluster, IReadOnlyList<Column<JsonElement>> columns)
    {
        var table = new TextTable<JsonElement>(output, columns, decide: 500);
        foreach (var member in cluster.Items("members"))
            table.Add(member);
        table.Finish();
        foreach (var problem in cluster.Items("problems"))
            output.Line(Visible.Of($"! {problem.GetString()}"));
    }

    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}
