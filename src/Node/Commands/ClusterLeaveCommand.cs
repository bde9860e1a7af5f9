using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>cluster leave</c>: a member gives everything back and stops.</summary>
internal static class ClusterLeaveCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("leave",
            """
            Has a member drain and stop. It reads no more from its sources, ships its spool, finishes running actions, gives its shards back, and its
            process ends with 0, so that a service manager does not start it again. The command waits until the shards have new owners. On the machine
            itself, 'systemctl stop' does the same.

            Examples:
              ftpactors cluster leave
              ftpactors cluster leave --node handler2
              ftpactors cluster leave --node handler2 --no-wait
            """);
        var wait = new Option<bool>("--wait") { Description = "Wait until its shards have new owners (the default)." };
        var noWait = new Option<bool>("--no-wait") { Description = "Only give the order." };
        command.Add(wait);
        command.Add(noWait);
        command.Check(result =>
        {
            if (result.GetValue(wait) && result.GetValue(noWait))
                result.AddError("--wait and --no-wait exclude each other.");
        });
        var member = new MemberOption(command, required: false);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = member.Connect(parsed);
            var name = await member.NameAsync(parsed, node, cancel);
            var before = await node.ReadAsync("/api/cluster", cancel);
            var order = await node.SendAsync(HttpMethod.Post, $"/api/cluster/members/{Uri.EscapeDataString(name)}/leave", cancel);
            var json = member.Node.IsJson(parsed);
            if (json)
                Console.Out.WriteLine(order.GetRawText());
            if (!parsed.GetValue(noWait))
                return await new LeaveWatch(node, before, order, json).RunAsync(cancel);
            if (!json)
                Console.Out.WriteLine($"{Visible.Of(name)} leaves; 'ftpactors cluster show' tells how far it is.");
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Watches a member leave, from another one when it was the leaving one that was asked.</summary>
    private sealed class LeaveWatch(NodeClient asked, JsonElement before, JsonElement order, bool json)
    {
        private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(300);

        private readonly string _name = order.Text("member");
        private readonly HashSet<int> _shards = Shards(order);
        private readonly long _started = Stopwatch.GetTimestamp();
        private string _said = "";

        public async Task<int> RunAsync(CancellationToken cancel)
        {
            var node = asked;
            try
            {
                while (true)
                {
                    JsonElement cluster;
                    try
                    {
                        cluster = await node.ReadAsync("/api/cluster", cancel);
                    }
                    catch (NoNodeException) when (node == asked)
                    {
                        if (await AnotherAsync(cancel) is not { } another)
                            return Unseen();
                        node = another;
                        continue;
                    }
                    if (Look(cluster) is { } code)
                        return code;
                    await Task.Delay(Every, cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                Console.Error.WriteLine($"{Visible.Of(_name)} goes on leaving. Look: ftpactors cluster show. Call it back: ftpactors cluster join --node {Visible.Of(_name)}");
                return ExitCodes.Failed;
            }
            finally
            {
                if (node != asked)
                    node.Dispose();
            }
        }

        /// <summary>The exit code when it is over.</summary>
        private int? Look(JsonElement cluster)
        {
            var members = cluster.Items("members").ToList();
            var leaving = members.Find(m => m.Text("name") == _name);
            var others = members.Where(m => m.Text("name") != _name).ToList();
            var taken = others.SelectMany(Shards).Count(_shards.Contains);
            var alive = leaving.ValueKind == JsonValueKind.Object && leaving.GetProperty("alive").ValueKind == JsonValueKind.True;
            var status = alive ? leaving.Text("status") : "stopped";
            var spooled = alive && leaving.Whole("backlog") > 0 ? $", {Units.Count(leaving.Whole("backlog"))} events to ship" : "";
            Say($"{_name} {(status == "up" ? "has the order" : status)}: {taken} of {_shards.Count} shards have new owners{spooled}");

            if (alive)
                return null;
            if (taken == _shards.Count)
                return Over($"{_name} has left after {Units.Span(Stopwatch.GetElapsedTime(_started))}.", ExitCodes.Ok);
            return others.Exists(m => m.Text("status") == "up" && m.Items("roles").Any(r => r.ValueEquals("handler"))) ? null
                : Over($"{_name} has left, and no other handler is up: {_shards.Count - taken} shards wait for one.", ExitCodes.Failed);
        }

        // Addresses are as members see themselves: a loopback address of another machine leads to nobody, or to another node.
        private async Task<NodeClient?> AnotherAsync(CancellationToken cancel)
        {
            foreach (var member in before.Items("members").Where(m => m.Text("name") != _name && m.GetProperty("alive").ValueKind == JsonValueKind.True))
            {
                if (!Uri.TryCreate(member.Text("url"), UriKind.Absolute, out var url))
                    continue;
                var node = new NodeClient(url);
                try
                {
                    if ((await node.ReadAsync("/api/cluster", cancel)).Text("node") == member.Text("name"))
                        return node;
                }
                catch (CommandException)
                {
                    // Not from here; the next one may be.
                }
                node.Dispose();
            }
            return null;
        }

        private int Unseen() => Over(
            $"{_name} was the node asked and does not answer any more; no other one can be asked from here. See who has its shards: ftpactors cluster status --node URL",
            before.Text("node") == _name ? ExitCodes.Ok : ExitCodes.Failed);

        private static int Over(string text, int code)
        {
            Console.Error.WriteLine(Visible.Of(text));
            return code;
        }

        private void Say(string text)
        {
            if (text == _said || json)
                return;
            _said = text;
            Console.Error.WriteLine(Visible.Of(text));
        }

        private static HashSet<int> Shards(JsonElement json) => [.. json.Items("shards").Select(s => s.GetInt32())];
    }
}
