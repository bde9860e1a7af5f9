using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands.Cluster;

/// <summary>Orders to members: <c>leave</c>, <c>down</c>, <c>down-unreachable</c>, <c>join</c>.</summary>
internal static class ClusterOrderCommands
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(300);

    public static Command MakeLeave()
    {
        var member = new Argument<string?>("NAME") { Description = "Name of the member; without it the node that is asked.", Arity = ArgumentArity.ZeroOrOne };
        var noWait = new Option<bool>("--no-wait") { Description = "Only give the order." };
        var command = new TaughtCommand("leave",
            """
            Has a member drain and stop: it reads no more, ships its spool, finishes running actions, its handlers go to other nodes, and its process ends
            with 0, so that a service manager does not start it again. The command waits until it is gone. On the machine itself, 'systemctl stop'
            does the same.

            Examples:
              ftpactors cluster leave
              ftpactors cluster leave handler2
              ftpactors cluster leave handler2 --no-wait
            """) { member, noWait };
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var leaving = options.Connect(parsed, parsed.GetValue(member));
            using var node = options.Connect(parsed);
            var answer = await OrderAsync(leaving, options, parsed, "leave", ("", null), cancel);
            if (!parsed.GetValue(noWait))
                await GoneAsync(node, answer, cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    public static Command MakeDown()
    {
        var member = new Argument<string>("NAME") { Description = "Name of the member." };
        var command = new TaughtCommand("down",
            """
            Takes a member off the cluster at once; its handlers go to other nodes. For one that hangs or whose machine is gone. A member that lives finds
            itself out, begins anew and joins again: to keep it out, stop its process or have it leave.

            Examples:
              ftpactors cluster down handler2
            """) { member };
        return WithOrder(command, "down", parsed => ("member", parsed.GetValue(member)));
    }

    public static Command MakeDownUnreachable() => WithOrder(
        new TaughtCommand("down-unreachable",
            """
            Takes every member that the asked node cannot reach off the cluster. Mind that in a split each side sees the other one so: ask the side that is
            to go on. Handlers decide this by themselves within seconds; this is for when they cannot.

            Examples:
              ftpactors cluster show
              ftpactors cluster down-unreachable
            """), "down-unreachable", _ => ("", null));

    public static Command MakeJoin()
    {
        var address = new Argument<string>("ADDRESS") { Description = "HOST:PORT of a member (its cluster.listen)." };
        var command = new TaughtCommand("join",
            """
            Has the asked node join the cluster of a member, when none of its own seeds answers. Put the member among its cluster.seeds, too: a start
            goes by these.

            Examples:
              ftpactors cluster join 10.0.0.7:9120 --node http://127.0.0.1:9110
            """) { address };
        return WithOrder(command, "join", parsed => ("address", parsed.GetValue(address)));
    }

    private static Command WithOrder(Command command, string order, Func<ParseResult, (string Name, string? Value)> parameter)
    {
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            await OrderAsync(node, options, parsed, order, parameter(parsed), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<JsonElement> OrderAsync(
        NodeClient node, NodeOptions options, ParseResult parsed, string order, (string Name, string? Value) parameter, CancellationToken cancel)
    {
        var answer = await node.SendAsync(HttpMethod.Post, NodeClient.WithQuery($"/api/v1/cluster/{order}", [parameter]), cancel);
        using var output = new Output();
        if (options.IsJson(parsed))
            output.Line(answer.GetRawText());
        else if (!answer.Items("members").Any())
            output.Line("There is no such member.");
        foreach (var member in options.IsJson(parsed) ? [] : answer.Items("members"))
            output.Line(Visible.Of($"{member.Text("name")} at {member.Text("address")} {answer.Text("order")}"));
        output.Flush();
        return answer;
    }

    // Of one incarnation: a service manager may start the member again. The node that leaves is soon not there to be asked.
    private static async Task GoneAsync(NodeClient node, JsonElement order, CancellationToken cancel)
    {
        var leaving = order.Items("members").Select(m => m.Whole("uid")).ToHashSet();
        try
        {
            while ((await node.ReadAsync("/api/v1/cluster", cancel)).Items("members").Any(m => leaving.Contains(m.Whole("uid"))))
                await Task.Delay(Every, cancel);
        }
        catch (NoNodeException)
        {
            Console.Error.WriteLine("The node that was asked has ended.");
        }
    }
}
