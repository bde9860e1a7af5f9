using Akka.Streams;
using FtpActors.Ingest;
using FtpActors.Ingest.Watching;
using FtpActors.Protocol.Globs;

namespace FtpActors.Node.Configuration;

/// <summary>What a source needs of its node.</summary>
/// <param name="Host">Name of the FTP host for the source's events.</param>
/// <param name="DataFolder">Folder for files of its own.</param>
/// <param name="Spool">Where it makes its messages durable.</param>
/// <param name="Horizon">What it holds back while messages are on their way (UDP).</param>
/// <param name="Materializer">Runs its stream.</param>
/// <param name="Time">The clock.</param>
/// <param name="Loggers">For its log lines.</param>
/// <param name="TemporaryNames">Globs of temporary names of uploads.</param>
/// <param name="UsersFile">The CSV file of the site's users, null when there is none.</param>
internal sealed record SourceContext(
    string Host, string DataFolder, ISpool Spool, Horizon Horizon, IMaterializer Materializer, TimeProvider Time, ILoggerFactory Loggers, IReadOnlyList<Glob> TemporaryNames,
    string? UsersFile)
{
    /// <summary>Ties watches to the sources beside them.</summary>
    public required UploadFusion Fusion { get; init; }
}

/// <summary>
/// One entry of <c>sources</c>. A new kind is one class derived from this and one line in <see cref="Kinds"/>.
/// </summary>
/// <param name="Name">Unique name, given in events, quarantine and the API.</param>
/// <param name="Kind">Its kind.</param>
internal abstract record SourceSection(string Name, string Kind)
{
    private static readonly (string Kind, Func<Section, string, SourceSection> Read)[] Kinds =
    [
        (NcFtpdQueueSection.KindName, NcFtpdQueueSection.Read),
        (NcFtpdUdpSection.KindName, NcFtpdUdpSection.Read),
        (PureFtpdSection.KindName, PureFtpdSection.Read),
        (ProftpdKafkaSection.KindName, ProftpdKafkaSection.Read),
        (ProftpdLogSection.LogKind, ProftpdLogSection.ReadLog),
        (ProftpdLogSection.XferlogKind, ProftpdLogSection.ReadXferlog),
        (WatchSection.KindName, WatchSection.Read),
        (OpenSshSection.KindName, OpenSshSection.Read),
    ];

    /// <summary>The source, ready to run; nothing is opened yet.</summary>
    public abstract ISource Open(SourceContext context);

    /// <summary>Decodes one message of this source, for the retry of what is in quarantine.</summary>
    public abstract IMessageDecoder Decoder(string host);

    /// <summary>Reads the list; names must be unique.</summary>
    public static IReadOnlyList<SourceSection> ReadAll(Section root)
    {
        var sources = new List<SourceSection>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var s in root.List("sources"))
        {
            var name = s.Text("name", null, "must be a unique name of 1 to 100 letters, digits, dots, underscores or hyphens", NodeSection.IsName);
            if (name.Length > 0 && !names.Add(name))
                s.Problem("name", "is the name of an earlier source; every source needs a name of its own.");
            var kind = s.OneOf("kind", null, [.. Kinds.Select(k => k.Kind)]);
            // With an unknown kind nothing can be said about the other keys.
            if (Array.Find(Kinds, k => k.Kind == kind).Read is not { } read)
                continue;
            sources.Add(read(s, name));
            s.Done();
        }
        return WatchSection.Join(root, sources);
    }
}
