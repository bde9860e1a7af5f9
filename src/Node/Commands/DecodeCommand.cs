using System.CommandLine;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary><c>decode</c>: messages to JSON, without a node.</summary>
internal static class DecodeCommand
{
    // Far above every known message: kernel.msgmax is 8 KiB, a datagram ends at 64 KiB.
    private const int LargestMessage = 1024 * 1024;

    public static Command Make()
    {
        var kind = new Option<string>("--kind")
        {
            Description = "Format of what is read.", DefaultValueFactory = _ => DecodeKinds.All[0].Name,
            HelpName = string.Join('|', DecodeKinds.All.Select(k => k.Name)),
        };
        kind.AcceptOnlyFromAmong([.. DecodeKinds.All.Select(k => k.Name)]);
        var command = new TaughtCommand("decode",
            $"""
            Reads standard input and prints one line of JSON for each message in it: the message as it came, with its flags, and the event
            made of it, where one message makes one. Needs no node.

            Kinds:
            {string.Join('\n', DecodeKinds.All.Select(k => $"  {k.Name,-20} {k.Is}"))}

            Examples:
              printf 'STR\n 40\nLOGIN\nalice\n\n\nftp.example.com\n192.0.2.7\n' | ftpactors decode
              ftpactors decode --kind pureftpd-scoreboard < /var/run/pure-ftpd/client-00028120
            """) { kind };
        command.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetValue(kind);
            var bytes = await ReadAsync(cancel);
            using var output = new Output();
            try
            {
                Array.Find(DecodeKinds.All, k => k.Name == name).Decode(bytes, output);
            }
            finally
            {
                // What was read before a fault is shown as well.
                output.Flush();
            }
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<byte[]> ReadAsync(CancellationToken cancel)
    {
        using var input = Console.OpenStandardInput();
        var bytes = new MemoryStream();
        var chunk = new byte[8192];
        int n;
        while ((n = await input.ReadAsync(chunk, cancel)) > 0)
        {
            if (bytes.Length + n > LargestMessage)
                throw new CommandException(ExitCodes.Failed, "more than 1 MiB on standard input: give less at a time.");
            bytes.Write(chunk, 0, n);
        }
        return bytes.ToArray();
    }
}
