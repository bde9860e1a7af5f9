using System.CommandLine;

namespace FtpActors.Node.Commands;

/// <summary><c>who</c>: open sessions.</summary>
internal static class WhoCommand
{
    public static Command Make()
    {
        var command = new TaughtCommand("who",
            """
            Shows who is logged in and what they are doing.

            Examples:
              ftpactors who
              ftpactors who --user 'al*' --format json | jq .path
            """);
        var user = new Option<string?>("--user") { Description = "Only this user; * stands for any characters.", HelpName = "NAME" };
        var host = new Option<string?>("--host") { Description = "Only this FTP host; * stands for any characters.", HelpName = "NAME" };
        command.Add(user);
        command.Add(host);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/who", [("user", parsed.GetValue(user)), ("host", parsed.GetValue(host))], SessionColumns.Who, "Nobody is logged in.", cancel));
        return command;
    }
}
