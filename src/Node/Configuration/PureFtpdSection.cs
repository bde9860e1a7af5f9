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
            PipeBytes = (int)s.Whole("pipe_bytes", d.PipeBytes, 65536, 256 * 1024 * 1024),
        };
        if (options.Pipe is null)
            s.Problem("pipe", "must be the path of the server's upload pipe, such as \"/var/run/pure-ftpd.upload.pipe\".");
        return new PureFtpdSection(name, options);
    }

    public override ISource Open(SourceContext context) =>
        new PureFtpdSource(Options with { Host = context.Host, DataFolder = context.DataFolder }, context.Spool, context.Time);

    public override IMessageDecoder Decoder(string host) => new UploadRecordDecoder(host, Name);
}
