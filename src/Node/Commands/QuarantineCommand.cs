using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>quarantine</c>: messages that could not be decoded.</summary>
internal static class QuarantineCommand
{
    // Reasons that are told one by one: a hundred times the same one helps nobody.
    private const int MostReasons = 20;

    public static Command Make() => new("quarantine", "Messages that could not be decoded; kept whole on the host that received them.") { MakeList(), MakeShow(), MakeRetry() };

    private static TaughtCommand MakeList()
    {
        var command = new TaughtCommand("list", "Lists them, oldest first. They stay on the host that received them.\n\nExample:\n  ftpactors quarantine list");
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/quarantine", [],
            [
                new("ID", m => m.Whole("id").ToString(CultureInfo.InvariantCulture), Right: true),
                new("RECEIVED", m => m.Time("received_at")),
                new("SOURCE", m => m.Text("source")),
                new("SENDER", m => m.Text("sender")),
                new("BYTES", m => Units.Count(m.Whole("size")), Right: true),
                new("REASON", m => m.Text("reason")),
            ],
            "Nothing is in quarantine.", cancel));
        return command;
    }

    private static TaughtCommand MakeShow()
    {
        var id = new Argument<long>("ID") { Description = "Its number in 'quarantine list'." };
        var command = new TaughtCommand("show", "Shows one with its bytes.\n\nExample:\n  ftpactors quarantine show 3 --format json | jq -r .base64 | base64 -d | ftpactors decode") { id };
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteOneAsync(parsed, Path(parsed.GetValue(id)), WriteWhole, cancel));
        return command;
    }

    private static void WriteWhole(Output output, JsonElement m)
    {
        output.Line(Visible.Of($"Message {m.Whole("id")}, received {m.Time("received_at")} by {m.Text("source")} from {(m.Has("sender") ? m.Text("sender") : "unknown")}"));
        output.Line(Visible.Of($"Reason: {m.Text("reason")}"));
        output.Line($"{Units.Count(m.Whole("size"))} bytes; unprintable ones as \\xHH:");
        output.Line(Visible.Of(m.Text("text")));
    }

    private static TaughtCommand MakeRetry()
    {
        var id = new Argument<long?>("ID") { Description = "Its number in 'quarantine list'.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Tries all of them." };
        var command = new TaughtCommand("retry",
            "Decodes again, with this version and configuration; what can be decoded now becomes an event.\n\nExamples:\n  ftpactors quarantine retry 3\n  ftpactors quarantine retry --all") { id, all };
        command.Check(result =>
        {
            if (result.GetValue(all) == (result.GetValue(id) is not null))
                result.AddError("Give the ID of a message or --all.");
        });
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            using var output = new Output();
            List<long> ids = parsed.GetValue(id) is { } one ? [one] : await ListAsync(node, cancel);
            var failed = 0;
            foreach (var number in ids)
            {
                try
                {
                    var answer = await node.SendAsync(HttpMethod.Post, Path(number) + "/retry", cancel);
                    output.Line(options.IsJson(parsed) ? answer.GetRawText() : $"Message {number} was decoded and is an event now.");
                }
                // One that stays is no reason to leave the others; no node is.
                catch (CommandException e) when (e.ExitCode == ExitCodes.Failed)
                {
                    if (++failed <= MostReasons)
                        Console.Error.WriteLine($"ftpactors: {Visible.Of(e.Message)}");
                }
            }
            if (failed > MostReasons)
                Console.Error.WriteLine($"ftpactors: ... and {failed - MostReasons} more stay; see 'ftpactors quarantine list'.");
            output.Flush();
            return failed == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static string Path(long id) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/quarantine/{id}");

    private static async Task<List<long>> ListAsync(NodeClient node, CancellationToken cancel)
    {
        var ids = new List<long>();
        await foreach (var message in node.ItemsAsync("/api/v1/quarantine", [], cancel))
            ids.Add(message.Whole("id"));
        return ids;
    }
}
