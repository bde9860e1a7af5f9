using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>status</c>: the node and its sources.</summary>
internal static class StatusCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("status",
            """
            Shows the node, its sources with their counters, and what is wrong with them.

            Examples:
              ftpactors status
              ftpactors status --all
              ftpactors status --format json | jq '.sources[] | select(.trouble)'
            """);
        var all = new Option<bool>("--all") { Description = "Of every node of the cluster." };
        command.Add(all);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => parsed.GetValue(all) ? WriteAllAsync(parsed, options, cancel) : options.WriteOneAsync(parsed, "/api/v1/status", Write, cancel));
        return command;
    }

    // One that does not answer is said, and the others are shown.
    private static async Task<int> WriteAllAsync(ParseResult parsed, NodeOptions options, CancellationToken cancel)
    {
        using var node = options.Connect(parsed);
        using var output = new Output();
        var code = ExitCodes.Ok;
        foreach (var member in (await node.ReadAsync("/api/v1/cluster", cancel)).Items("members"))
        {
            using var named = options.Connect(parsed, member.Text("name"));
            try
            {
                var status = await named.ReadAsync("/api/v1/status", cancel);
                if (options.IsJson(parsed))
                    output.Line(status.GetRawText());
                else
                    Write(output, status);
            }
            catch (CommandException e)
            {
                code = ExitCodes.Failed;
                output.Line(options.IsJson(parsed)
                    ? JsonSerializer.Serialize(new { node = member.Text("name"), trouble = e.Message })
                    : Visible.Of($"! {member.Text("name")}: {e.Message}"));
            }
            if (!options.IsJson(parsed))
                output.Line("");
            output.Flush();
        }
        return code;
    }

    private static void Write(Output output, JsonElement s)
    {
        var ready = s.TryGetProperty("ready", out var r) && r.ValueKind == JsonValueKind.True;
        output.Line(Visible.Of($"Node {s.Text("node")}, FtpActors {s.Text("version")}, {(ready ? "ready" : "not ready")}, up {Units.Span(TimeSpan.FromSeconds(s.Number("uptime_seconds")))}"));
        output.Line(Visible.Of($"Configuration {s.Text("configuration")}, spool {s.Text("spool")}, {s.Whole("shards")} shards"));
        if (s.Has("events"))
            output.Line($"{Units.Count(s.Whole("events"))} events stored, {Units.Count(s.Whole("waiting"))} waiting; "
                + $"{Units.Count(s.Whole("duplicates"))} duplicates dropped, {Units.Count(s.Whole("reordered"))} put back in order");
        if (s.Has("forwarder"))
        {
            var f = s.GetProperty("forwarder");
            output.Line(Visible.Of($"Forwarder {f.Text("state")}: {Units.Count(f.Whole("shipped"))} shipped, {Units.Count(f.Whole("backlog"))} wait"
                + (f.Has("oldest_waiting") ? $", the oldest since {f.Time("oldest_waiting")}" : "")));
            if (f.Has("trouble"))
                output.Line(Visible.Of($"! forwarder: {f.Text("trouble")}"));
        }
        if (s.Has("cluster_trouble"))
            output.Line(Visible.Of($"! cluster: {s.Text("cluster_trouble")}"));
        if (s.Has("damaged_rows") && s.Whole("damaged_rows") is > 0 and var damaged)
            output.Line($"! journal: {Units.Count(damaged)} rows cannot be read, so what they held is missing; 'ftpactors journal check' says more");
        if (s.Has("history_put_aside") && s.Whole("history_put_aside") is > 0 and var aside)
            output.Line($"! history: {Units.Count(aside)} rows were refused by the database and are missing there; 'ftpactors quarantine list' has them with the reason");
        if (s.TryGetProperty("history_checked", out var isChecked) && isChecked.ValueKind == JsonValueKind.False)
            output.Line("History is still being checked for damage");
        if (s.Has("journal_trouble"))
            output.Line(Visible.Of($"! journal: {s.Text("journal_trouble")}"));
        if (s.Has("deliveries") && s.GetProperty("deliveries") is var d)
        {
            output.Line($"{Units.Count(s.Whole("rules"))} rules, {Units.Count(s.Whole("users"))} users; deliveries: {Units.Count(d.Whole("due"))} due, "
                + $"{Units.Count(d.Whole("done"))} done, {Units.Count(d.Whole("dead"))} dead, {Units.Count(d.Whole("dropped"))} dropped");
        }
        foreach (var problem in s.Items("user_problems"))
            output.Line(Visible.Of($"! users: {problem.GetString()}"));
        output.Line("");
        var table = new TextTable<JsonElement>(output,
        [
            new("SOURCE", x => x.Text("name")),
            new("KIND", x => x.Text("kind")),
            new("STATE", x => x.Text("state")),
            new("MESSAGES", x => Units.Count(x.Whole("messages")), Right: true),
            new("QUARANTINED", x => Units.Count(x.Whole("quarantined")), Right: true),
            new("DROPPED", x => Units.Count(x.Whole("dropped")), Right: true),
            new("REFUSED", x => Units.Count(x.Whole("refused")), Right: true),
            new("IN QUEUE", x => x.Has("depth") ? Units.Count(x.Whole("depth")) : "", Right: true),
        ], 500);
        foreach (var source in s.Items("sources"))
            table.Add(source);
        table.Finish();
        foreach (var source in s.Items("sources"))
        {
            if (source.Has("trouble"))
                output.Line(Visible.Of($"! {source.Text("name")}: {source.Text("trouble")}"));
            foreach (var warning in source.Items("warnings"))
                output.Line(Visible.Of($"* {source.Text("name")}: {warning.GetString()}"));
        }
    }
}
