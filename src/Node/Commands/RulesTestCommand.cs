using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>rules test</c>: what rules would have fired for.</summary>
internal static class RulesTestCommand
{
    private static readonly IReadOnlyList<Column<JsonElement>> Columns =
    [
        new("RULE", x => x.Text("rule")),
        new("MATCHES", x => x.Has("matches") ? Units.Count(x.Whole("matches")) : "", Right: true),
        new("EXAMPLE", x => x.Time("at")),
        new("TRIGGER", x => x.Text("trigger")),
        new("USER", x => x.Text("user")),
        new("PATH OR SESSION", x => x.Has("path") ? x.Text("path") : x.Text("id")),
    ];

    public static TaughtCommand Make()
    {
        var since = NodeOptions.Moment("--since", "Only what was received since. Default: everything stored.");
        var until = NodeOptions.Moment("--until", "Only what was received before.");
        var rules = new Option<FileInfo?>("--rules") { Description = "File of rules to try. Default: the rules that the node has in force.", HelpName = "FILE" };
        var command = new TaughtCommand("test",
            """
            Tries rules over recorded history and shows what they would have fired for. Nothing is run. Counts, and up to five examples of each rule; backlog_high and dead_letter are
            not history and show 0. Events that were dropped as duplicates of UDP are counted.

            Examples:
              ftpactors rules test --since 7d
              ftpactors rules test --since 7d --rules new.conf
              ftpactors rules test --since 2026-01-01 --until 2026-02-01 --format json | jq 'select(.line == "rule") | .matches'
            """) { since, until, rules };
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var file = parsed.GetValue(rules)?.FullName;
            var text = file is null ? "" : await ReadAsync(file, cancel);
            using var node = options.Connect(parsed);
            using var output = new Output();
            var table = new TextTable<JsonElement>(output, Columns, 500);
            (string, string?)[] parameters = [("since", parsed.GetValue(since)), ("until", parsed.GetValue(until)), ("name", file)];
            await foreach (var line in node.PostAsync("/api/v1/rules/test", parameters, text, cancel))
            {
                if (options.IsJson(parsed))
                {
                    output.Line(line);
                    output.Flush();
                    continue;
                }
                using var document = JsonDocument.Parse(line);
                Show(document.RootElement, table);
            }
            table.Finish();
            output.Flush();
            return ExitCodes.Ok;
        });
        return command;
    }

    private static void Show(JsonElement line, TextTable<JsonElement> table)
    {
        switch (line.Text("line"))
        {
            case "progress":
                Progress($"{Units.Count(line.Whole("read"))} of {Units.Count(line.Whole("stored"))} stored events read, {Units.Count(line.Whole("rate"))}/s");
                break;
            case "rule":
                var examples = line.Items("examples").ToList();
                table.Add(examples.Count > 0 ? Merged(line, examples[0]) : line.Clone());
                foreach (var more in examples.Skip(1))
                    table.Add(more);
                break;
            case "end":
                Progress("");
                table.Finish();
                Console.Error.WriteLine($"{Units.Count(line.Whole("read"))} events read in {line.Number("seconds"):0.0} s, {Units.Count(line.Whole("rate"))}/s; {Units.Count(line.Whole("rules"))} rules; nothing was run.");
                break;
        }
    }

    // The rule's own figures and its first example stand in one row.
    private static JsonElement Merged(JsonElement rule, JsonElement example)
    {
        var row = example.EnumerateObject().ToDictionary(p => p.Name, p => (object)p.Value);
        row["rule"] = rule.Text("rule");
        row["matches"] = rule.Whole("matches");
        return JsonSerializer.SerializeToElement(row);
    }

    private static void Progress(string text)
    {
        // For eyes only: in a file it would be noise.
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"\r\x1B[K{text}");
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Usage, $"--rules {file}: {e.Message}", e);
        }
    }
}
