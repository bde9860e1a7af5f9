using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>cluster rebalance</c>: which shards move, and until they have.</summary>
internal static class ClusterRebalanceCommand
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private static readonly IReadOnlyList<Column<JsonElement>> Columns =
    [
        new("SHARD", m => Units.Count(m.Whole("shard")), Right: true),
        new("FROM", m => m.Has("from") ? m.Text("from") : "(nobody)"),
        new("TO", m => m.Has("to") ? m.Text("to") : "(nobody can take it)"),
        new("WHY", m => m.Text("reason")),
    ];

    public static Command Make()
    {
        var command = new TaughtCommand("rebalance",
            """
            Waits until every member has its share of the shards, by weight, and shows what moves. The members balance by themselves, some shards at a
            time, as soon as one comes, goes or leaves; this command shows it and ends when nothing is left to move. WHY: free (nobody has it),
            leaving (its owner is), balance. With --dry-run it only shows what is to move now.

            Examples:
              ftpactors cluster rebalance --dry-run
              ftpactors cluster rebalance && echo balanced
            """);
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would move; do not wait." };
        command.Add(dryRun);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => parsed.GetValue(dryRun)
            ? options.WriteAsync(parsed, "/api/cluster/plan", [], Columns, "Nothing is to move.", cancel)
            : WaitAsync(parsed, options, cancel));
        return command;
    }

    private static async Task<int> WaitAsync(ParseResult parsed, NodeOptions options, CancellationToken cancel)
    {
        using var node = options.Connect(parsed);
        using var output = new Output();
        var json = options.IsJson(parsed);
        var told = new HashSet<string>(StringComparer.Ordinal);
        var table = new TextTable<JsonElement>(output, Columns, decide: 1);
        while (true)
        {
            var left = 0;
            var stuck = 0;
            await foreach (var line in node.GetAsync("/api/cluster/plan", [], cancel))
            {
                left++;
                using var document = JsonDocument.Parse(line);
                if (!document.RootElement.Has("to"))
                    stuck++;
                // Each move once, however often it is seen before it is done.
                if (!told.Add(line))
                    continue;
                if (json)
                    output.Line(line);
                else
                    table.Add(document.RootElement);
            }
            output.Flush();
            if (left == 0)
                break;
            if (stuck == left)
                throw new CommandException(ExitCodes.Failed, $"nobody can take {stuck} shards: no handler is up. Start a node with the role 'handler'.");
            await Task.Delay(Every, cancel);
        }
        if (!json)
            Console.Error.WriteLine(told.Count == 0 ? "Nothing is to move." : "Every shard is where it should be.");
        return ExitCodes.Ok;
    }
}
