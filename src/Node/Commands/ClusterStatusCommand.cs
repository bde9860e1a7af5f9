using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

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
            var cluster = await node.ReadAsync("/api/cluster", cancel);
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

    private static void Write(Output output, JsonElement c)
    {
        var members = c.Items("members").ToList();
        var shards = c.Whole("shards");
        output.Line(Visible.Of($"{Units.Count(c.Whole("alive"))} of {Units.Count(members.Count)} members alive ({Statuses(members)}), as {c.Text("node")} sees it"));
        output.Line($"{Units.Count(c.Whole("owned"))} of {Units.Count(shards)} shards owned; {Units.Count(c.Whole("waiting"))} events wait, "
            + $"the worst shard is {Units.Span(TimeSpan.FromSeconds(c.Number("lag_seconds")))} behind");
        var spooled = members.Where(m => m.Whole("backlog") > 0).Select(m => $"{m.Text("name")} {Units.Count(m.Whole("backlog"))}").ToList();
        output.Line(Visible.Of($"Events on hosts that have not reached the journal: {(spooled.Count > 0 ? string.Join(", ", spooled) : "none")}"));
        var hosts = c.Items("on_hosts").Select(h => $"{h.Text("host")} {Units.Count(h.Whole("due"))}").ToList();
        output.Line(Visible.Of($"Deliveries that wait for one host: {(hosts.Count > 0 ? string.Join(", ", hosts) : "none")}"));
        foreach (var problem in c.Items("problems"))
            output.Line(Visible.Of($"! {problem.GetString()}"));
        if (!c.Items("problems").Any())
            output.Line("All is well.");
    }

    private static string Statuses(IEnumerable<JsonElement> members) =>
        string.Join(", ", members.GroupBy(m => m.Text("status")).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Count()} {g.Key}"));
}
