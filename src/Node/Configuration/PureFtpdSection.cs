using FtpActors.Ingest;
using FtpActors.Ingest.PureFtpd;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>pureftpd</c>: one Pure-FTPd.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Options">The source's own settings, with their defaults. Host and data folder are set when it is opened.</param>
internal sealed record PureFtpdSection(string Name, PureFtpdOptions Options) : SourceSection(Name, KindName)
{
    public const string KindName = "pureftpd";

    public static SourceSection Read(Section s, string name)
    {
        var d = new PureFtpdOptions { Name = name, Host = "", DataFolder = "" };
        var options = d with
        {
            Pipe = s.OptionalFilePath("pipe"),
            Scoreboard = s.OptionalFilePath("scoreboard"),
            Altlog = s.OptionalFilePath("altlog"),
            Poll = s.Duration("poll", d.Poll, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            PollLogin = s.Duration("poll_login", d.PollLogin, TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(1)),
            Progress = s.Duration("progress", d.Progress, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            TrustEnd = s.Flag("trust_end", d.TrustEnd),
            PipeBytes = (int)s.Whole("pipe_bytes", d.PipeBytes, 65536, 256 * 1024 * 1024),
        };
        if (options.Pipe is null && options.Scoreboard is null && options.Altlog is null)
        {
            s.Problem("pipe", "must be the path of the server's upload pipe, such as \"/var/run/pure-ftpd.upload.pipe\", unless \"scoreboard\" or \"altlog\" is given: "
                + "there would be nothing to read.");
        }
        return new PureFtpdSection(name, options);
    }

    public override ISource Open(SourceContext context) =>
        new PureFtpdSource(Options with { Host = context.Host, DataFolder = context.DataFolder }, context.Spool, context.Materializer, context.Time);

    public override IMessageDecoder Decoder(string host) => new PureFtpdDecoder(host, Name);
}
