using System.CommandLine;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>backlog</c>: where each shard stands.</summary>
internal static class BacklogCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("backlog",
            """
            Shows for every shard how far its sessions are behind the stored events.

            Examples:
              ftpactors backlog
              ftpactors backlog --format json | jq -s 'map(.waiting) | add'
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/backlog", [],
            [
                new("SHARD", s => Units.Count(s.Whole("shard")), Right: true),
                new("OWNER", s => s.Text("owner")),
                new("ROW", s => Units.Count(s.Whole("row")), Right: true),
                new("SPOOL", s => s.Text("spool")),
                new("POSITION", s => Units.Count(s.Whole("position")), Right: true),
                new("HEAD", s => Units.Count(s.Whole("head")), Right: true),
                new("WAITING", s => Units.Count(s.Whole("waiting")), Right: true),
                new("OLDEST WAITING", s => s.Time("oldest_waiting")),
                new("DUPLICATES", s => Units.Count(s.Whole("duplicates")), Right: true),
                new("REORDERED", s => Units.Count(s.Whole("reordered")), Right: true),
            ],
            "No shard has been given an event yet.", cancel));
        return command;
    }
}
