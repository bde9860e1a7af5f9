using System.CommandLine;

namespace FtpActors.Node.Commands;

/// <summary><c>restarted</c>: tells the node that an FTP server was started again.</summary>
internal static class RestartedCommand
{
    public static Command Make()
    {
        var source = new Argument<string>("SOURCE") { Description = "Name of the source in the configuration." };
        var command = new TaughtCommand("restarted",
            """
            Tells the node that the FTP server behind a source was started again: all open sessions of that host have ended. NcFTPd does
            not report its own start, so call this from the unit file of the server. It concerns one host: ask the node that reads the source.

            Example (in the server's unit file):
              ExecStartPost=-/opt/ftpactors/ftpactors restarted ncftpd
            """) { source };
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            var answer = await node.SendAsync(HttpMethod.Post, $"/api/v1/sources/{Uri.EscapeDataString(parsed.GetRequiredValue(source))}/restarted", cancel);
            if (options.IsJson(parsed))
                Console.Out.WriteLine(answer.GetRawText());
            return ExitCodes.Ok;
        });
        return command;
    }
}
