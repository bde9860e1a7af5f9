using System.CommandLine;
using System.Globalization;

namespace FtpActors.Node.Commands;

/// <summary><c>forwarder</c>: what a person may order the shipping of a node's spool to do.</summary>
internal static class ForwarderCommand
{
    public static Command Make() => new("forwarder", "The shipping of this node's spool to the shared journal; 'status' shows it.") { MakeSkip() };

    private static TaughtCommand MakeSkip()
    {
        var seq = new Option<long>("--seq") { Description = "Seq of the last event that is given up, as the trouble in 'status' names it.", Required = true };
        var command = new TaughtCommand("skip",
            """
            Gives up events that neither the spool nor the shared journal has any more; shipping goes on after them. They are lost: first look
            whether the journal that had them can be brought back.

            Example:
              ftpactors forwarder skip --seq 120034
            """) { seq };
        var options = new NodeOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var node = options.Connect(parsed);
            foreach (var line in await node.PostAsync(string.Create(CultureInfo.InvariantCulture, $"/api/forwarder/skip?seq={parsed.GetValue(seq)}"), cancel))
                Console.Out.WriteLine(options.IsJson(parsed) ? line : string.Create(CultureInfo.InvariantCulture, $"Given up: everything missing up to seq {parsed.GetValue(seq)}. Shipping goes on."));
            return ExitCodes.Ok;
        });
        return command;
    }
}
