using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>deliveries show</c>: one delivery with its facts and tries.</summary>
internal static class DeliveryShowCommand
{
    public static TaughtCommand Make()
    {
        var id = new Argument<long>("ID") { Description = "Its number in 'deliveries list'." };
        var command = new TaughtCommand("show",
            """
            Shows one with its facts and every try: start, duration, exit code or answer, output.

            Examples:
              ftpactors deliveries show 17
              ftpactors deliveries show 17 --format json | jq .facts
            """) { id };
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteOneAsync(
            parsed, string.Create(CultureInfo.InvariantCulture, $"/api/v1/deliveries/{parsed.GetValue(id)}"), Write, cancel));
        return command;
    }

    private static void Write(Output output, JsonElement d)
    {
        output.Line(Visible.Of($"Delivery {d.Whole("id")} of rule {d.Text("rule")} for {d.Text("trigger")}: {d.Text("state")}"));
        output.Line(Visible.Of($"Key      {d.Text("key")}"));
        output.Line(Visible.Of($"Created  {d.Time("created_at")}{(d.Text("state") == "due" ? $", next try {d.Time("due_at")}" : d.Has("finished_at") ? $", finished {d.Time("finished_at")}" : "")}"));
        output.Line(Visible.Of($"Step     action {d.Whole("step") + 1} of the rule, {d.Whole("attempt")} failed tries of it{(d.Has("on_host") ? $"; runs on {d.Text("on_host")}" : "")}"));
        if (d.Has("session"))
            output.Line(Visible.Of($"Session  {d.Text("session")}{(d.TryGetProperty("ordered", out var o) && o.GetBoolean() ? ", in order" : "")}"));
        if (d.Has("replay"))
            output.Line(Visible.Of($"Replay   {d.Text("replay")}"));
        output.Line("Facts");
        foreach (var fact in d.GetProperty("facts").EnumerateObject().Where(f => f.Value.ValueKind != JsonValueKind.Null))
            output.Line(Visible.Of($"  {fact.Name,-12} {(fact.Value.ValueKind == JsonValueKind.String ? fact.Value.GetString() : fact.Value.GetRawText())}"));
        foreach (var each in d.Items("tries"))
            WriteTry(output, each);
    }

    private static void WriteTry(Output output, JsonElement t)
    {
        var took = t.Moment("ended_at") - t.Moment("started_at") ?? TimeSpan.Zero;
        var succeeded = t.TryGetProperty("succeeded", out var s) && s.ValueKind == JsonValueKind.True;
        output.Line(Visible.Of(string.Create(CultureInfo.InvariantCulture,
            $"Try {t.Whole("number")}, action {t.Whole("step") + 1}, {t.Time("started_at")} on {t.Text("node")}, {took.TotalSeconds:0.000} s: {(succeeded ? "done" : "failed")}, {t.Text("summary")}")));
        foreach (var (name, mark) in new[] { ("first_output", "  | "), ("last_output", "  ...| ") })
        {
            // The program's own lines, each made visible: a reader of this must not be at the mercy of what it wrote.
            foreach (var line in t.Text(name).TrimEnd('\n').Split('\n').Where(l => l.Length > 0))
                output.Line(mark + Visible.Of(line));
        }
    }
}
