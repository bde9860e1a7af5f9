using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// One of pure-ftpwho's outputs for other programs: a head, the rows, a foot. Fields, their order and their names are the original's; XML, property list and
/// page are well-formed whatever the names are, and are UTF-8 as they say, which the original's are not.
/// </summary>
public sealed class FtpwhoFormat
{
    /// <summary><c>-s</c>: a line for each session, fields between bars. No head and no foot.</summary>
    public static readonly FtpwhoFormat Shell = new("shell", "", FtpwhoShell.Row, "");
    /// <summary><c>-x</c>: XML.</summary>
    public static readonly FtpwhoFormat Xml = new("xml", FtpwhoXml.Head, row => Encoding.UTF8.GetBytes(FtpwhoXml.Row(row)), FtpwhoXml.Foot);
    /// <summary><c>-p</c>: a property list.</summary>
    public static readonly FtpwhoFormat Plist = new("plist", FtpwhoPlist.Head, row => Encoding.UTF8.GetBytes(FtpwhoPlist.Row(row)), FtpwhoPlist.Foot);
    /// <summary><c>-w</c>: a whole page.</summary>
    public static readonly FtpwhoFormat Html = new("html", FtpwhoHtml.Head, row => Encoding.UTF8.GetBytes(FtpwhoHtml.Row(row)), FtpwhoHtml.Foot);

    private readonly Func<FtpwhoRow, byte[]> _row;

    private FtpwhoFormat(string name, string head, Func<FtpwhoRow, byte[]> row, string foot) =>
        (Name, Head, _row, Foot) = (name, Encoding.UTF8.GetBytes(head), row, Encoding.UTF8.GetBytes(foot));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FtpwhoFormat> All { get; } = [Html, Xml, Plist, Shell];

    /// <summary>Its name on our command line.</summary>
    public string Name { get; }

    /// <summary>What stands before the first row, with its line feed; empty for none.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>What stands behind the last row.</summary>
    public ReadOnlyMemory<byte> Foot { get; }

    /// <summary>One session, with its last line feed.</summary>
    public byte[] Row(FtpwhoRow row) => _row(row);

    /// <summary>A whole output.</summary>
    public byte[] Write(IEnumerable<FtpwhoRow> rows) => [.. Head.Span, .. rows.SelectMany(_row), .. Foot.Span];
}
