using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// <c>pure-ftpwho -p</c>: a property list of strings, sizes in bytes. While nothing was transferred the five keys of a transfer have empty strings; an upload lacks
/// <c>total_size</c> and <c>percentage</c>.
/// </summary>
internal static class FtpwhoPlist
{
    public const string Head =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        + "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
        + "<plist version=\"1.0\">\n<dict>\n\t<key>user-info</key>\n\t<array>\n";

    public const string Foot = "\t</array>\n</dict>\n</plist>\n";

    public static string Row(FtpwhoRow r)
    {
        var dict = new StringBuilder("\t\t<dict>\n");
        Add(dict, "pid", Text(r.Pid));
        Add(dict, "account", r.Account);
        Add(dict, "time", Text(r.Seconds));
        Add(dict, "state", r.StateWord);
        Add(dict, "file", r.File);
        Add(dict, "host", r.Peer);
        Add(dict, "localhost", r.LocalHost);
        Add(dict, "localport", Text(r.LocalPort));
        var busy = r.CurrentSize > 0;
        Add(dict, "resume", busy ? Text(r.RestartAt) : "");
        Add(dict, "current_size", busy ? Text(r.CurrentSize) : "");
        if (!busy || r.TotalSize > 0)
        {
            Add(dict, "total_size", busy ? Text(r.TotalSize) : "");
            Add(dict, "percentage", busy ? Text(r.Percent) : "");
        }
        Add(dict, "bandwidth", busy ? Text(r.BytesPerSecond) : "");
        return dict.Append("\t\t</dict>\n").ToString();
    }

    private static void Add(StringBuilder dict, string key, string value) =>
        dict.Append("\t\t\t<key>").Append(key).Append("</key>\n\t\t\t<string>").Append(FtpwhoMarkup.Of(value)).Append("</string>\n");

    private static string Text(long figure) => figure.ToString(CultureInfo.InvariantCulture);
}
