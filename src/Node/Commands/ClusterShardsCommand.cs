using System.CommandLine;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>cluster shards</c>: who owns each shard and how far behind it is.</summary>
internal static class ClusterShardsCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("shards",
            """
            Shows who owns each shard, since when, and how far its sessions are behind the stored events. "(free)" behind the owner: the last
            one; nobody owns it now. POSITION and HEAD are sums over the spools of all hosts; 'ftpactors backlog' shows them one by one.

            Examples:
              ftpactors cluster shards
              ftpactors cluster shards --format json | jq 'select(.held | not)'
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/cluster/shards", [],
            [
                new("SHARD", s => Units.Count(s.Whole("shard")), Right: true),
                new("OWNER", s => s.TryGetProperty("held", out var held) && held.ValueKind == System.Text.Json.JsonValueKind.True
                    ? s.Text("owner") : $"{s.Text("owner")} (free)".TrimStart()),
                new("EPOCH", s => Units.Count(s.Whole("epoch")), Right: true),
                new("SINCE", s => s.Time("since")),
                new("POSITION", s => Units.Count(s.Whole("position")), Right: true),
                new("HEAD", s => Units.Count(s.Whole("head")), Right: true),
                new("WAITING", s => Units.Count(s.Whole("waiting")), Right: true),
                new("LAG", s => Units.Span(TimeSpan.FromSeconds(s.Number("lag_seconds"))), Right: true),
            ],
            "The cluster has no shards.", cancel));
        return command;
    }
}
