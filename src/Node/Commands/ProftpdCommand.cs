using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Text;
using FtpActors.Protocol.Proftpd;

namespace FtpActors.Node.Commands;

/// <summary><c>proftpd config</c>: the lines of proftpd.conf that a site needs, and what is wrong with those it has.</summary>
internal static class ProftpdCommand
{
    public static Command Make() => new("proftpd", "ProFTPD's configuration.") { MakeConfig() };

    private static TaughtCommand MakeConfig()
    {
        var file = new Argument<FileInfo?>("FILE") { Description = "A proftpd.conf to check; without it the lines to copy are printed.", Arity = ArgumentArity.ZeroOrOne };
        var brokers = new Option<string>("--brokers") { Description = "Kafka's brokers.", DefaultValueFactory = _ => "kafka:9092", HelpName = "HOST:PORT,..." };
        var topic = new Option<string>("--topic") { Description = "Topic.", DefaultValueFactory = _ => "ftp-audit", HelpName = "TOPIC" };
        var log = new Option<string?>("--log") { Description = "Path of a FIFO or log file: the lines for a log, without Kafka.", HelpName = "PATH" };
        var command = new TaughtCommand("config",
            """
            Prints the lines of proftpd.conf that a source of kind proftpd-kafka, or with --log one of kind proftpd-log, needs: each line that avoids a fault says which.
            With a file, checks it for the known faults and explains each; the exit code is 1 when there is one. Includes are not followed. Needs no node.

            Examples:
              ftpactors proftpd config --brokers kafka1:9092,kafka2:9092 --topic ftp-audit
              ftpactors proftpd config --log /var/run/proftpd/ftpactors.fifo
              ftpactors proftpd config /etc/proftpd/proftpd.conf
            """) { file, brokers, topic, log };
        var options = new NodeOptions(command, offline: true);
        command.SetAction(parsed => parsed.GetValue(file) is { } checkedFile
            ? Check(checkedFile.FullName, options.IsJson(parsed))
            : Print(parsed.GetValue(log) is { } path ? ProftpdConfig.ForLog(path) : ProftpdConfig.ForKafka(parsed.GetRequiredValue(brokers), parsed.GetRequiredValue(topic))));
        return command;
    }

    private static int Print(string lines)
    {
        // As it is: tab characters belong to it.
        Console.Out.WriteLine(lines);
        return ExitCodes.Ok;
    }

    private static int Check(string file, bool json)
    {
        string text;
        try
        {
            text = File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Usage, $"{file} cannot be read: {e.Message}");
        }
        var faults = ProftpdConfigCheck.Check(text);
        using var output = new Output();
        foreach (var fault in faults)
        {
            output.Line(json
                ? JsonSerializer.Serialize(new { file, line = fault.Line, what = fault.What, remedy = fault.Remedy })
                : Visible.Of($"{file}{(fault.Line > 0 ? $":{fault.Line}" : "")}: {fault.What}. Write: {fault.Remedy}"));
        }
        if (!json && faults.Count == 0)
            output.Line(Visible.Of($"{file}: none of the known faults."));
        output.Flush();
        return faults.Count == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }
}
