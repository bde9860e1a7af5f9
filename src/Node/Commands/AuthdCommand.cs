using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>authd</c>: the limits on sessions, as a node with the role authd enforces them.</summary>
internal static class AuthdCommand
{
    public static Command Make() => new("authd", "Limits on the sessions of each user over all hosts: docs/pure-ftpd.md says how to set them up.") { MakeStatus(), MakeSlots() };

    private static TaughtCommand MakeStatus()
    {
        var command = new TaughtCommand("status",
            """
            Shows the limits, the users with sessions on all hosts, this node's answers to logins, and what is wrong.

            Examples:
              ftpactors authd status
              ftpactors authd status --format json | jq .answers
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteOneAsync(parsed, "/api/v1/authd", Write, cancel));
        return command;
    }

    private static TaughtCommand MakeSlots()
    {
        var command = new TaughtCommand("slots",
            """
            Lists the slots in use on all hosts. One without a session is reserved for a login that is under way, or whose password was wrong.

            Examples:
              ftpactors authd slots
              ftpactors authd slots --user 'guest*'
            """);
        var user = new Option<string?>("--user") { Description = "Only this user, in any case; * stands for any characters.", HelpName = "NAME" };
        command.Add(user);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/authd/slots", [("user", parsed.GetValue(user))],
            [
                new("SLOT", s => s.Whole("slot").ToString(CultureInfo.InvariantCulture), Right: true),
                new("USER", s => s.Text("user")),
                new("HOST", s => s.Text("host")),
                new("FROM", s => s.Text("remote_host")),
                new("SESSION", s => s.Text("session")),
                new("RESERVED", s => s.Time("reserved_at")),
                new("EXPIRES", s => s.Time("expires_at")),
            ],
            "No slot is in use.", cancel));
        return command;
    }

    private static void Write(Output output, JsonElement s)
    {
        output.Line(Visible.Of($"Logins on {s.Text("socket")}, scoreboard {s.Text("scoreboard")}; "
            + $"answers within {s.Number("answer_ms").ToString(CultureInfo.InvariantCulture)} ms, fails {s.Text("fail")}"));
        output.Line($"{Units.Count(s.Whole("held"))} sessions of this host have a slot; "
            + (s.Has("latency_p99_ms") ? string.Create(CultureInfo.InvariantCulture, $"answers took {s.Number("latency_p50_ms"):0.0} ms (half), {s.Number("latency_p99_ms"):0.0} ms (99 of 100)") : "no login yet"));
        if (s.TryGetProperty("answers", out var answers))
            output.Line("Answers: " + string.Join(", ", answers.EnumerateObject().Select(a => $"{Units.Count(a.Value.GetInt64())} {a.Name}")));
        output.Line("");
        Column<JsonElement>[] limits =
        [
            new("MAX", x => Limit(x, "max"), Right: true),
            new("PER HOST", x => Limit(x, "max_per_host"), Right: true),
            new("PER ADDRESS", x => Limit(x, "max_per_address"), Right: true),
        ];
        WriteTable(output, s.Items("limits"), [new("LIMIT FOR", x => x.Text("user")), .. limits]);
        WriteTable(output, s.Items("users"),
        [
            new("USER", x => x.Text("user")),
            new("SESSIONS", x => Units.Count(x.Whole("sessions")), Right: true),
            new("RESERVED", x => Units.Count(x.Whole("reserved")), Right: true),
            new("HOSTS", x => Units.Count(x.Whole("hosts")), Right: true),
            .. limits,
        ]);
        if (s.Has("trouble"))
            output.Line(Visible.Of($"! {s.Text("trouble")}"));
    }

    private static void WriteTable(Output output, IEnumerable<JsonElement> rows, IReadOnlyList<Column<JsonElement>> columns)
    {
        var table = new TextTable<JsonElement>(output, columns, 500);
        foreach (var row in rows)
            table.Add(row);
        table.Finish();
        if (table.Rows > 0)
            output.Line("");
    }

    private static string Limit(JsonElement x, string name) => x.Has(name) ? Units.Count(x.Whole(name)) : "any";
}
