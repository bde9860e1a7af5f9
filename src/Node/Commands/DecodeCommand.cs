using System.Buffers;
using System.CommandLine;
using System.Text;
using FtpActors.Node.Text;
using FtpActors.Protocol;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Node.Commands;

/// <summary><c>decode</c>: one message to JSON, without a node.</summary>
internal static class DecodeCommand
{
    // Far above every known message: kernel.msgmax is 8 KiB, a datagram ends at 64 KiB.
    private const int LargestMessage = 1024 * 1024;

    public static Command Make()
    {
        var kind = new Option<string>("--kind") { Description = "Format of the message.", DefaultValueFactory = _ => "ncftpd", HelpName = "ncftpd" };
        kind.AcceptOnlyFromAmong("ncftpd");
        var command = new TaughtCommand("decode",
            """
            Reads one message from standard input and prints it as JSON. One line has the message as it came, with its flags (what the decoder
            doubts), and the event made of it. Needs no node.

            Example:
              printf 'STR\n 40\nLOGIN\nalice\n\n\nftp.example.com\n192.0.2.7\n' | ftpactors decode
            """) { kind };
        command.SetAction(async (_, cancel) =>
        {
            var bytes = await ReadAsync(cancel);
            if (!NcFtpdDecoder.TryDecode(bytes, out var message, out var reason))
                throw new CommandException(ExitCodes.Failed, $"not a message of NcFTPd: {reason}");
            using var output = new Output();
            output.Line(ToJson(message, NcFtpdEvents.ToEvent(message, DateTimeOffset.UtcNow, Environment.MachineName, "decode")));
            output.Flush();
            return ExitCodes.Ok;
        });
        return command;
    }

    internal static string ToJson(NcFtpdMessage message, FtpEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("message");
            NcFtpdJson.Write(json, message);
            json.WriteStartObject("event");
            EventJson.WriteBody(json, e);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
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
                throw new CommandException(ExitCodes.Failed, "more than 1 MiB on standard input: give one message.");
            bytes.Write(chunk, 0, n);
        }
        return bytes.ToArray();
    }
}
