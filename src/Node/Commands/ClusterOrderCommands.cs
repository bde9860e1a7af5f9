using System.CommandLine;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>cluster join</c>, <c>down</c> and <c>forget</c>: orders that are done when they are given.</summary>
internal static class ClusterOrderCommands
{
    public static Command MakeJoin() => Make(
        "join",
        """
        Has a member take part again that was taken out by 'cluster down'. Shards come to it by and by. A node that has left or was stopped joins
        by being started: 'ftpactors run'.

        Examples:
          ftpactors cluster join --node handler2
        """, required: false, HttpMethod.Post, "/join", (name, _) => $"{name} takes part again; 'ftpactors cluster show' tells when it has shards.");

    public static Command MakeDown() => Make(
        "down",
        """
        Takes a member's shards away now, whatever it does at the moment, and keeps it out until 'cluster join'. For one that hangs or cannot be
        reached: the others go on from the last commit, and actions that it was running run again elsewhere. 'cluster leave' is the gentle way.

        Examples:
          ftpactors cluster down --node handler2
        """, required: true, HttpMethod.Post, "/down", (name, shards) => $"{name} is down; {shards} {(shards == 1 ? "shard was" : "shards were")} taken from it. Let it in again: ftpactors cluster join --node {name}");

    public static Command MakeForget() => Make(
        "forget",
        """
        Strikes a member off the list that is not alive and will not come back. What is in the spool on its disk stays there: bring it up once more
        if it has events that did not reach the journal.

        Examples:
          ftpactors cluster forget --node old-host
        """, required: true, HttpMethod.Delete, "", (name, _) => $"{name} is forgotten.");

    private static TaughtCommand Make(string verb, string text, bool required, HttpMethod method, string path, Func<string, int, string> done)
    {
        var command = new TaughtCommand(verb, text);
        var member = new MemberOption(command, required);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = member.Connect(parsed);
            var name = await member.NameAsync(parsed, node, cancel);
            var answer = await node.SendAsync(method, $"/api/cluster/members/{Uri.EscapeDataString(name)}{path}", cancel);
            using var output = new Output();
            output.Line(member.Node.IsJson(parsed) ? answer.GetRawText() : Visible.Of(done(name, answer.Items("shards").Count())));
            output.Flush();
            return ExitCodes.Ok;
        });
        return command;
    }
}
