using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands.Cluster;

/// <summary><c>cluster status</c>: whether all is well, in a few lines and the exit code.</summary>
internal static class ClusterStatusCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("status",
            """
            Shows in a few lines whether the cluster is well, and ends with 1 when it is not. What is wrong stands behind "!", with the way
            out. Made for monitoring: 0 is well, 1 is not, 2 is that no node answers.

            Examples:
              ftpactors cluster status
              ftpactors cluster status --format json | jq -r '.problems[]'
            """);
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            var cluster = await node.ReadAsync("/api/v1/cluster", cancel);
            using var output = new Output();
            if (options.IsJson(parsed))
                output.Line(cluster.GetRawText());
            else
                Write(output, cluster);
            output.Flush();
            return cluster.TryGetProperty("healthy", out var healthy) && healthy.ValueKind == JsonValueKind.True ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static void Write(Output output, JsonElement cluster)
    {
        var members = cluster.Items("members").ToList();
        var homes = members.Sum(m => m.Items("shards").Count());
        var statuses = members.GroupBy(m => m.Text("status")).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}");
        output.Line(Visible.Of($"{Units.Count(members.Count)} members ({string.Join(", ", statuses)}), as {cluster.Text("node")} sees it"));
        output.Line($"{Units.Count(homes)} of {Units.Count(cluster.Whole("shards"))} handlers have a home");
        foreach (var problem in cluster.Items("problems"))
            output.Line(Visible.Of($"! {problem.GetString()}"));
        if (!cluster.Items("problems").Any())
            output.Line("All is well.");
    }
}
