using System.CommandLine;
using System.Text.Json;
using FtpActors.Actors.History;
using FtpActors.Actors.Stored;
using FtpActors.Ingest.Spooling;
using FtpActors.Node.Configuration;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>journal</c>: is what is stored whole?</summary>
internal static class JournalCommand
{
    public static Command Make() => new("journal", "The files of the journal.") { MakeCheck() };

    private static TaughtCommand MakeCheck()
    {
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file of the node. Default: hocon/single.conf of the project.", HelpName = "FILE" };
        var data = new Option<DirectoryInfo?>("--data") { Description = "The data folder, instead of the configuration's.", HelpName = "DIR" };
        var command = new TaughtCommand("check",
            """
            Checks every row of journal, spool and history, beside a running node or without one. Each row has a checksum; what is damaged is named, with what it means for
            the node. Nothing is changed. The exit code is 1 when something is damaged.

            Examples:
              ftpactors journal check --config /etc/ftpactors/node.conf
              ftpactors journal check --data /var/lib/ftpactors --format json
            """) { config, data };
        var options = new NodeOptions(command, offline: true);
        command.SetAction(parsed => Run(DataFolder.Of(parsed.GetValue(data), parsed.GetValue(config)), options.IsJson(parsed)));
        return command;
    }

    private static int Run(string folder, bool json)
    {
        (string File, Func<byte[], string, string?> DamageOf)[] files = [("journal.db", HandlerSerializer.DamageOf), ("spool.db", SpoolSerializer.DamageOf)];
        var (looked, faults) = (0L, 0);
        using var output = new Output();
        void Tell(JournalFault fault)
        {
            faults++;
            output.Line(json
                ? JsonSerializer.Serialize(new { file = fault.File, place = fault.Place, reason = fault.Reason, meaning = fault.Meaning })
                : Visible.Of($"{fault.File}: {fault.Place}: {fault.Reason}; {fault.Meaning}"));
        }
        foreach (var (name, damageOf) in files)
        {
            var file = Path.Combine(folder, name);
            if (!File.Exists(file))
                continue;
            var check = new JournalCheck(file, damageOf);
            foreach (var fault in check.Run())
                Tell(fault);
            looked += check.Checked;
        }
        looked += CheckHistory(folder, Tell);
        if (!json)
            output.Line(faults == 0 ? $"{Units.Count(looked)} rows and snapshots are whole." : $"{Units.Count(looked)} rows and snapshots were looked at; {Units.Count(faults)} faults.");
        output.Flush();
        return faults == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static long CheckHistory(string folder, Action<JournalFault> tell)
    {
        var file = Path.Combine(folder, HistoryDatabase.FileName);
        if (!File.Exists(file))
            return 0;
        try
        {
            var (rows, damage) = HistoryDatabase.CheckFile(folder);
            foreach (var (place, reason) in damage.Places)
                tell(new JournalFault(file, place, reason, "lists and totals may lack something: stop the node, move the file away, and start it; it is made anew from the journal"));
            return rows;
        }
        catch (HistoryVersionException e)
        {
            throw new CommandException(ExitCodes.Failed, e.Message);
        }
    }
}

/// <summary>Which data folder a command is about.</summary>
internal static class DataFolder
{
    /// <exception cref="CommandException">There is none.</exception>
    public static string Of(DirectoryInfo? data, FileInfo? config)
    {
        var folder = data?.FullName ?? NodeConfiguration.Load(config?.FullName ?? NodeConfiguration.DefaultFile(), ConfigTree.ProcessEnvironment()).Node.Data;
        return File.Exists(Path.Combine(folder, "journal.db"))
            ? folder
            : throw new CommandException(ExitCodes.Usage, $"{folder} has no journal.db: give the data folder of a node by --data, or its configuration by --config.");
    }
}
