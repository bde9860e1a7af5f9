using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// <c>pure-ftpwho -s</c>: <c>pid|account|seconds|state|file|peer|local host|local port|current KiB|total KiB|percent|KiB/s</c>. In names a bar and a backslash
/// have a backslash before them, control bytes are <c>_</c>, and all other bytes are themselves, whether they are UTF-8 or not.
/// </summary>
internal static class FtpwhoShell
{
    private const int KiB = 1024;

    public static byte[] Row(FtpwhoRow r)
    {
        var line = new List<byte>(128);
        Add(line, r.Pid);
        Add(line, r.Account);
        Add(line, r.Seconds);
        Add(line, r.StateWord);
        Add(line, r.File);
        Add(line, r.Peer);
        Add(line, r.LocalHost);
        Add(line, r.LocalPort);
        Add(line, r.CurrentSize / KiB);
        Add(line, r.TotalSize / KiB);
        Add(line, r.Percent);
        Add(line, r.BytesPerSecond / KiB);
        line[^1] = (byte)'\n';
        return [.. line];
    }

    private static void Add(List<byte> line, long figure)
    {
        line.AddRange(Encoding.ASCII.GetBytes(figure.ToString(CultureInfo.InvariantCulture)));
        line.Add((byte)'|');
    }

    private static void Add(List<byte> line, string name)
    {
        foreach (var b in ReversibleText.ToBytes(name))
        {
            if (b is (byte)'|' or (byte)'\\')
                line.Add((byte)'\\');
            line.Add(b is < 0x20 or 0x7F ? (byte)'_' : b);
        }
        line.Add((byte)'|');
    }
}
