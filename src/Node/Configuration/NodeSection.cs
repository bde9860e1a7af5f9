using System.Net;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>node</c>.</summary>
/// <param name="Name">Name of this FTP host in events and sessions. Default: the machine's name.</param>
/// <param name="Ingest">Role <c>ingest</c>: reads the sources. Default: yes.</param>
/// <param name="Handler">Role <c>handler</c>: rebuilds sessions. Default: yes.</param>
/// <param name="Authd">Role <c>authd</c>: answers the logins of a Pure-FTPd. Default: no.</param>
/// <param name="Listen">Address and port of the API. Default 127.0.0.1:9110; port 0 takes a free one.</param>
/// <param name="Data">Folder of the journal. Default <c>var</c>.</param>
/// <param name="LogLevel">Least severe log line that is written. Default information.</param>
/// <param name="LogsJson">Log lines are JSON (<c>log_format = json</c>) instead of text.</param>
internal sealed record NodeSection(string Name, bool Ingest, bool Handler, bool Authd, IPEndPoint Listen, string Data, LogLevel LogLevel, bool LogsJson)
{
    private static readonly string[] Usual = ["ingest", "handler"];
    private static readonly string[] AllRoles = [.. Usual, "authd"];

    /// <summary>The roles by their names.</summary>
    public IReadOnlyList<string> Roles => [.. ((string?[])[Ingest ? "ingest" : null, Handler ? "handler" : null, Authd ? "authd" : null]).OfType<string>()];

    public static NodeSection Read(Section s)
    {
        var roles = s.Texts("roles", Usual, "must be a list of \"ingest\", \"handler\" and \"authd\"", r => AllRoles.Contains(r));
        if (roles.Count == 0)
            s.Problem("roles", "must name at least one role: \"ingest\", \"handler\" or \"authd\".");
        var section = new NodeSection(
            s.Text("name", Environment.MachineName, "must be 1 to 100 letters, digits, dots, underscores or hyphens", IsName),
            roles.Contains("ingest"),
            roles.Contains("handler"),
            roles.Contains("authd"),
            s.EndPoint("listen", "127.0.0.1:9110"),
            s.FilePath("data", "var"),
            Enum.Parse<LogLevel>(s.OneOf("log_level", "information", "trace", "debug", "information", "warning", "error"), ignoreCase: true),
            s.OneOf("log_format", "text", "text", "json") == "json");
        // Of an earlier version's cluster: Akka's allocation of shards counts them and knows no weights. Files that name it load all the same.
        s.Whole("weight", 100, 1, 1000);
        s.Done();
        return section;
    }

    /// <summary>Whether a text can name a node or a source: it stands in URLs, file names and log lines.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') && text is not "." and not "..";
}
