using FtpActors.Ingest;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Proftpd;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>proftpd-log</c> (our own LogFormat) or <c>xferlog</c> (the classic transfer log of any server): lines of a FIFO or a file.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Options">The source's own settings, with their defaults. Host and data folder are set when it is opened.</param>
internal sealed record ProftpdLogSection(string Name, string Kind, ProftpdLogOptions Options) : SourceSection(Name, Kind)
{
    public const string LogKind = "proftpd-log";
    public const string XferlogKind = "xferlog";

    public static SourceSection ReadLog(Section s, string name) => Read(s, name, LogKind);

    public static SourceSection ReadXferlog(Section s, string name) => Read(s, name, XferlogKind);

    public override ISource Open(SourceContext context) =>
        new ProftpdLogSource(Options with { Host = context.Host, DataFolder = context.DataFolder, Owner = Self() }, context.Spool, context.Materializer, context.Time);

    public override IMessageDecoder Decoder(string host) => new ProftpdDecoder(Name, _ => host);

    // Who this program runs as makes the FIFO, and nobody else may write into it but root.
    private static uint Self() => FileStatus.TryRead("/proc/self/"u8, out _)?.Uid ?? 0;

    private static ProftpdLogSection Read(Section s, string name, string kind)
    {
        var d = new ProftpdLogOptions { Name = name, Host = "", DataFolder = "" };
        var options = d with
        {
            IsXferlog = kind == XferlogKind,
            Fifo = s.OptionalFilePath("fifo"),
            File = s.OptionalFilePath("file"),
            Poll = s.Duration("poll", d.Poll, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)),
            PipeBytes = (int)s.Whole("pipe_bytes", d.PipeBytes, 65536, 256 * 1024 * 1024),
        };
        if (kind == LogKind)
            options = options with { Hold = s.Duration("hold", d.Hold, TimeSpan.Zero, TimeSpan.FromMinutes(1)) };
        if (options.Fifo is null == options.File is null)
        {
            s.Problem("fifo", "must be the path of a FIFO that the server writes its log into, such as \"/var/run/proftpd/ftpactors.fifo\", or \"file\" the path of a log file; one of the two.");
        }
        return new ProftpdLogSection(name, kind, options);
    }
}
