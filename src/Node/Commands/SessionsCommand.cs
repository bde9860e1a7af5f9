using System.CommandLine;
using System.Globalization;

namespace FtpActors.Node.Commands;

/// <summary><c>sessions</c>: open and closed sessions.</summary>
internal static class SessionsCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("sessions",
            """
            Lists sessions, open and closed, by the time they opened. "~" before the time: the login itself was not seen.

            Examples:
              ftpactors sessions --last 20
              ftpactors sessions --since 7d --user alice
              ftpactors sessions --since 2026-01-01 --until 2026-02-01 --format json
            """);
        var since = NodeOptions.Moment("--since", "Only sessions of which something was heard since.");
        var until = NodeOptions.Moment("--until", "Only sessions that opened before.");
        var user = new Option<string?>("--user") { Description = "Only this user; * stands for any characters.", HelpName = "NAME" };
        var host = new Option<string?>("--host") { Description = "Only this FTP host; * stands for any characters.", HelpName = "NAME" };
        var open = new Option<bool?>("--open") { Description = "Only open (true) or closed (false) ones." };
        var last = NodeOptions.Count("--last", "Only the last N that fit.");
        foreach (var option in new Option[] { since, until, user, host, open, last })
            command.Add(option);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/sessions",
            [
                ("since", parsed.GetValue(since)), ("until", parsed.GetValue(until)), ("user", parsed.GetValue(user)), ("host", parsed.GetValue(host)),
                ("open", parsed.GetValue(open)?.ToString().ToLowerInvariant()), ("last", parsed.GetValue(last)?.ToString(CultureInfo.InvariantCulture)),
            ],
            SessionColumns.All, "No such sessions.", cancel));
        return command;
    }
}
