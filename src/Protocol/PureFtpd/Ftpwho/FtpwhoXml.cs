using System.Globalization;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// <c>pure-ftpwho -x</c>: sizes in bytes, the rate in bytes per second, and only where something was transferred. The original declares ISO-8859-15 whatever
/// the bytes are, and does not escape quotes: a file's name may break its document or add attributes.
/// </summary>
internal static class FtpwhoXml
{
    public const string Head = """
        <?xml version="1.0" encoding="UTF-8"?>
        <status>

        """;

    public const string Foot = "</status>\n";

    public static string Row(FtpwhoRow r) => string.Create(CultureInfo.InvariantCulture,
        $"""
          <client pid="{r.Pid}" account="{FtpwhoMarkup.Of(r.Account)}" time="{r.Seconds}" state="{r.StateWord}" file="{FtpwhoMarkup.Of(r.File)}" host="{FtpwhoMarkup.Of(r.Peer)}" localhost="{FtpwhoMarkup.Of(r.LocalHost)}" localport="{r.LocalPort}"{Transfer(r)} />

        """);

    private static string Transfer(FtpwhoRow r) => r.CurrentSize <= 0 ? "" : string.Create(CultureInfo.InvariantCulture,
        $"""
         resume="{r.RestartAt}" current_size="{r.CurrentSize}"{Total(r)} bandwidth="{r.BytesPerSecond}"
        """);

    private static string Total(FtpwhoRow r) => r.TotalSize <= 0 ? "" : string.Create(CultureInfo.InvariantCulture,
        $"""
         total_size="{r.TotalSize}" percentage="{r.Percent}"
        """);
}
