using System.Buffers.Text;
using System.Text;

namespace FtpActors.Protocol.OpenSsh;

/// <summary>
/// What stands before the text of a syslog line: <c>&lt;38&gt;Nov 21 00:21:36 internal-sftp[13470]: </c> on the socket (syslog(3)); in files without priority, with the host, and with
/// the time as in RFC 3339 or as syslog(3) has it.
/// </summary>
internal static class SyslogHead
{
    /// <summary>Longer heads are none.</summary>
    private const int Longest = 300;

    public static bool TryRead(ReadOnlySpan<byte> line, out string program, out int pid, out ReadOnlySpan<byte> text)
    {
        (program, pid) = ("", 0);
        text = default;
        while (!line.IsEmpty && line[^1] is (byte)'\n' or 0)
            line = line[..^1];
        if (!line.IsEmpty && line[0] == (byte)'<' && line.IndexOf((byte)'>') is > 0 and < 6 and var end)
            line = line[(end + 1)..];
        var colon = line[..Math.Min(line.Length, Longest)].IndexOf("]: "u8);
        if (colon < 0)
            return false;
        var head = line[..colon];
        var bracket = head.LastIndexOf((byte)'[');
        if (bracket < 0 || !Utf8Parser.TryParse(head[(bracket + 1)..], out pid, out var used) || used != head.Length - bracket - 1 || pid <= 0)
            return false;
        head = head[..bracket];
        program = Encoding.ASCII.GetString(head[(head.LastIndexOf((byte)' ') + 1)..]);
        text = line[(colon + 3)..];
        return program.Length > 0;
    }
}
