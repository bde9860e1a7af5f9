using System.CommandLine;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands.Cluster;

/// <summary><c>cluster shards</c>: where each handler lives; <c>cluster rebalance</c>: until they are spread.</summary>
internal static class ClusterShardsCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    public static Command MakeShards()
    {
        var command = new TaughtCommand("shards",
            """
            Shows where each handler lives. 'ftpactors backlog' shows how far each is behind.

            Examples:
              ftpactors cluster shards
              ftpactors cluster shards --format json | jq 'select(.owner == null)'
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/cluster/shards", [],
            [
                new("SHARD", s => Units.Count(s.Whole("shard")), Right: true),
                new("OWNER", s => s.Has("owner") ? s.Text("owner") : "(nobody)"),
            ],
            "The cluster has no handlers.", cancel));
        return command;
    }

    public static Command MakeRebalance()
    {
        var command = new TaughtCommand("rebalance",
            """
            Waits until the handlers are spread over their nodes, and says how. The cluster spreads them by itself, a few at a time, as soon as a node
            comes or goes; this command shows it and ends when nothing is left to move.

            Examples:
              ftpactors cluster rebalance && echo balanced
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => WaitAsync(parsed, options, cancel));
        return command;
    }

    private static async Task<int> WaitAsync(ParseResult parsed, NodeOptions options, CancellationToken cancel)
    {
        using var node = options.Connect(parsed);
        var said = "";
        while (true)
        {
            var cluster = await node.ReadAsync("/api/v1/cluster", cancel);
            var counts = cluster.Items("members").Where(m => m.Items("roles").Any(r => r.ValueEquals("handler")) && m.Text("status") == "up")
                .Select(m => (Name: m.Text("name"), Count: m.Items("shards").Count())).ToList();
            if (counts.Count == 0)
                throw new CommandException(ExitCodes.Failed, "no handler node is up, so nothing can be spread. Start a node with the role 'handler'.");
            var now = string.Join(", ", counts.Select(c => $"{c.Name} {c.Count}"));
            if (now != said)
                Console.WriteLine(options.IsJson(parsed) ? cluster.GetRawText() : Visible.Of(now));
            said = now;
            if (counts.Sum(c => c.Count) == cluster.Whole("shards") && counts.Max(c => c.Count) - counts.Min(c => c.Count) <= 1)
                return ExitCodes.Ok;
            await Task.Delay(Every, cancel);
        }
    }
}
