using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Configuration;
using FtpActors.Node.Doctor;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>doctor</c>: looks at the machine with a node's configuration in hand.</summary>
internal static class DoctorCommand
{
    public static Command Make()
    {
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file. Default: hocon/single.conf.", HelpName = "FILE" };
        var command = new TaughtCommand("doctor",
            """
            Checks the machine for what the sources of a configuration need: limits of the kernel, sockets, pipes and folders, permissions, the clock, the disk, other readers, and the
            FTP server's own configuration where it can be read. Says how to mend what is wrong. Needs no node and changes nothing. Exit code 1 when something does not work.

            Examples:
              ftpactors doctor --config /etc/ftpactors/node.conf
              ftpactors doctor --format json | jq 'select(.level != "ok")'
            """) { config };
        var options = new NodeOptions(command, offline: true);
        command.SetAction(parsed =>
        {
            var configuration = NodeConfiguration.Load(parsed.GetValue(config)?.FullName ?? NodeConfiguration.DefaultFile(), ConfigTree.ProcessEnvironment());
            using var output = new Output();
            var findings = NodeChecks.All(configuration);
            foreach (var finding in findings)
            {
                if (options.IsJson(parsed))
                {
                    output.Line(JsonSerializer.Serialize(
                        new { level = Word(finding.Level), source = finding.Source, what = finding.What, mend = finding.Mend }, ConfigTree.AsWritten));
                    continue;
                }
                output.Line(Visible.Of($"{Word(finding.Level),-5} {finding.Source}: {finding.What}"));
                if (finding.Mend.Length > 0)
                    output.Line(Visible.Of($"      -> {finding.Mend}"));
            }
            output.Flush();
            return findings.Any(f => f.Level == FindingLevel.Fail) ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return command;
    }

    private static string Word(FindingLevel level) => level switch { FindingLevel.Ok => "ok", FindingLevel.Warn => "warn", _ => "fail" };
}
