using System.Text.Json.Nodes;
using FtpActors.Ingest;
using FtpActors.Ingest.OpenSsh;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>openssh-log</c>: the sessions of OpenSSH's SFTP.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Options">The source's own settings, with their defaults. The host is set when it is opened.</param>
internal sealed record OpenSshSection(string Name, OpenSshOptions Options) : SourceSection(Name, KindName)
{
    public const string KindName = "openssh-log";
    private const string Sockets = "must be a list of full paths of sockets, such as [\"/dev/log\", \"/srv/jail/dev/log\"]";

    // struct sockaddr_un has 108 bytes with its NUL; ".new" must fit.
    private const int LongestSocket = 103;

    public static SourceSection Read(Section s, string name)
    {
        var d = new OpenSshOptions { Name = name, Host = "" };
        var file = s.OptionalFilePath("file");
        var journal = s.Flag("journal", d.Journal);
        var options = d with
        {
            Sockets = s.Texts("sockets", file is null && !journal ? ["/dev/log"] : [], Sockets, text => text.StartsWith('/') && System.Text.Encoding.UTF8.GetByteCount(text) <= LongestSocket),
            Forward = s.OptionalFilePath("forward"),
            File = file,
            Journal = journal,
            JournalFolder = s.OptionalFilePath("journal_folder"),
            Poll = s.Duration("poll", d.Poll, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            Chroots = Chroots(s),
        };
        if (file is not null && (options.Sockets.Count > 0 || journal))
            s.Problem("file", "must be null when sockets or the journal are given: the same lines would be told twice.");
        if (journal && options.Sockets.Count > 0)
            s.Problem("journal", "must be false when sockets are given: the same lines would be told twice.");
        if (!journal && options.JournalFolder is not null)
            s.Problem("journal_folder", "is for \"journal\": true, which is not given.");
        if (file is null && !journal && options.Sockets.Count == 0)
            s.Problem("sockets", $"{Sockets}, unless \"file\" or \"journal\" is given: there would be nothing to read.");
        if (options.Forward is { } forward && options.Sockets.Contains(forward))
            s.Problem("forward", "must not be one of the sockets: each line would come back.");
        return new OpenSshSection(name, options);
    }

    public override ISource Open(SourceContext context) => new OpenSshSource(Options with { Host = context.Host }, context.Spool, context.Materializer, context.Time);

    public override IMessageDecoder Decoder(string host) => new NoDecoder("OpenSSH cuts lines of more than 1023 bytes, and what is cut off is nowhere");

    private static Dictionary<string, string> Chroots(Section s)
    {
        var chroots = new Dictionary<string, string>(StringComparer.Ordinal);
        var node = s.Raw("chroots");
        foreach (var (user, root) in node as JsonObject ?? [])
        {
            if (root is JsonValue v && v.TryGetValue<string>(out var path) && path.StartsWith('/'))
                chroots[user] = path.TrimEnd('/');
            else
                node = null;
        }
        if (s.Raw("chroots") is not null && node is not JsonObject)
            s.Problem("chroots", "must be an object of users and the folders that they see as their root, such as { \"alice\": \"/srv/jail\" }.");
        return chroots;
    }
}
