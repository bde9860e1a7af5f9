using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>deliveries</c>: what the rules owe and have done.</summary>
internal static class DeliveriesCommand
{
    private static readonly IReadOnlyList<Column<JsonElement>> Columns =
    [
        new("ID", d => d.Whole("id").ToString(CultureInfo.InvariantCulture), Right: true),
        new("CREATED", d => d.Time("created_at")),
        new("STATE", d => d.Text("state")),
        new("RULE", d => d.Text("rule")),
        new("TRIGGER", d => d.Text("trigger")),
        new("USER", d => d.Text("user")),
        new("FAILED", d => d.Whole("attempt") is > 0 and var n ? Units.Count(n) : "", Right: true),
        new("NEXT TRY", d => d.Text("state") == "due" ? d.Time("due_at") : ""),
        new("PATH", d => d.Text("path")),
        new("OUTCOME", d => d.Text("outcome")),
    ];

    public static Command Make() => new("deliveries", "What the rules owe and have done: each is one rule's actions for one event or session.")
    {
        MakeList(), DeliveryShowCommand.Make(),
        MakeChange("retry",
            """
            Tries deliveries again, from the action that failed and with all attempts before them. Without IDs and --state these are the dead letters; dropped ones come back
            when they are named. The idempotency key stays the same.

            Examples:
              ftpactors deliveries retry 17 18
              ftpactors deliveries retry --rule new-video --since 2h
              ftpactors deliveries retry --all
            """, "retried", "tried again"),
        MakeChange("drop",
            """
            Takes deliveries off that are due or dead. Their record stays, and they can be retried by ID.

            Examples:
              ftpactors deliveries drop 17
              ftpactors deliveries drop --state dead --older-than 30d
              ftpactors deliveries drop --rule old-rule
            """, "dropped", "dropped"),
    };

    private static TaughtCommand MakeList()
    {
        var command = new TaughtCommand("list",
            """
            Lists deliveries, oldest first, with the outcome of the last try of those that failed.

            Examples:
              ftpactors deliveries list --last 50
              ftpactors deliveries list --state dead
              ftpactors deliveries list --rule new-video --user 'al*' --since 1d --format json
            """);
        var filters = new DeliveryFilters(command);
        var last = NodeOptions.Count("--last", "Only the last N that fit.");
        command.Add(last);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/deliveries",
            [.. filters.Read(parsed), ("last", parsed.GetValue(last)?.ToString(CultureInfo.InvariantCulture))],
            Columns, "No such deliveries.", cancel));
        return command;
    }

    private static TaughtCommand MakeChange(string verb, string help, string answer, string done)
    {
        // An address holds about 8,000 characters: so many numbers always fit.
        const int idsPerRequest = 300;
        var ids = new Argument<long[]>("ID") { Description = "Numbers in 'deliveries list'.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "Every one; needed when nothing else picks them." };
        var command = new TaughtCommand(verb, help) { ids, all };
        var filters = new DeliveryFilters(command);
        command.Check(result =>
        {
            var named = result.GetValue(ids) is { Length: > 0 };
            if (!named && !result.GetValue(all) && !filters.AnyIn(result))
                result.AddError("Which deliveries? Give IDs, a filter, or --all.");
            if (result.GetValue(ids)?.Any(id => id < 1) == true)
                result.AddError("IDs are numbers from 1.");
        });
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            using var output = new Output();
            var wanted = (parsed.GetValue(ids) ?? []).Distinct().ToArray();
            string?[] parts = wanted.Length == 0 ? [null] : [.. wanted.Chunk(idsPerRequest).Select(part => string.Join(',', part))];
            var count = 0L;
            foreach (var part in parts)
            {
                var path = NodeClient.WithQuery($"/api/v1/deliveries/{verb}",
                    [.. filters.Read(parsed), ("id", part), ("all", parsed.GetValue(all) ? "true" : null)]);
                count += (await node.SendAsync(HttpMethod.Post, path, cancel)).Whole(answer);
            }
            output.Line(options.IsJson(parsed)
                ? string.Create(CultureInfo.InvariantCulture, $"{{\"{answer}\":{count}}}")
                : $"{Units.Count(count)} {(count == 1 ? "delivery" : "deliveries")} {done}.");
            output.Flush();
            if (count == wanted.Length || wanted.Length == 0)
                return ExitCodes.Ok;
            Console.Error.WriteLine($"ftpactors: {wanted.Length - count} of the {wanted.Length} named are not there or not in a state for it; see 'ftpactors deliveries show ID'.");
            return ExitCodes.Failed;
        });
        return command;
    }
}
