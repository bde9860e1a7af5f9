using FtpActors.Ingest;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>ncftpd-mqueue</c>: NcFTPd's System V message queue.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Options">The source's own settings, with their defaults. The data folder is set when it is opened.</param>
/// <param name="SwapHosts">Exchanges the two host fields of a message, whose order is inferred. Default: no.</param>
internal sealed record NcFtpdQueueSection(string Name, NcFtpdQueueOptions Options, bool SwapHosts) : SourceSection(Name, KindName)
{
    public const string KindName = "ncftpd-mqueue";

    public static SourceSection Read(Section s, string name)
    {
        var key = s.Text("key", null, "must be the key of the queue as text, such as \"0x78C0FFEE\" (hexadecimal, octal or decimal, 32 bits, not 0)",
            text => Parses(text, QueueKey.Parse));
        var mode = s.Text("mode", "0600", "must be octal permission bits as text, \"0000\" to \"0777\", such as \"0600\"",
            text => Parses(text, NcFtpdQueueOptions.ParseMode));
        var take = s.OneOf("take", "safe", "safe", "fast");
        var d = new NcFtpdQueueOptions { Name = name, DataFolder = "", Key = QueueKey.Parse(Parses(key, QueueKey.Parse) ? key : "1") };
        var options = d with
        {
            Mode = NcFtpdQueueOptions.ParseMode(mode),
            Take = take == "fast" ? QueueTake.Fast : QueueTake.Safe,
            Batch = (int)s.Whole("batch", d.Batch, 1, 4096),
            QueueBytes = (ulong)s.Whole("queue_bytes", (long)d.QueueBytes, 1024, int.MaxValue),
        };
        return new NcFtpdQueueSection(name, options, s.Flag("swap_hosts", false));
    }

    public override ISource Open(SourceContext context) =>
        new NcFtpdQueueSource(Options with { DataFolder = context.DataFolder }, context.Spool, Decoder(context.Host), context.Materializer, context.Time);

    public override IMessageDecoder Decoder(string host) => new NcFtpdMessageDecoder(host, Name, SwapHosts);

    private static bool Parses<T>(string text, Func<string, T> parse)
    {
        try
        {
            parse(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
