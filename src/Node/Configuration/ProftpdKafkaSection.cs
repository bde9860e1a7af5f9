using FtpActors.Ingest;
using FtpActors.Ingest.Kafka;
using FtpActors.Ingest.Proftpd;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>proftpd-kafka</c>: what ProFTPD's mod_kafka writes to topics.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Options">The source's own settings, with their defaults. The host is set when it is opened.</param>
internal sealed record ProftpdKafkaSection(string Name, ProftpdKafkaOptions Options) : SourceSection(Name, KindName)
{
    public const string KindName = "proftpd-kafka";

    public static SourceSection Read(Section s, string name)
    {
        var d = new ProftpdKafkaOptions { Name = name, Host = "", Brokers = "", Topics = [] };
        var topics = s.Texts("topics", [], "must be a list of topics, such as [\"ftp-audit\"]", t => t.Length is > 0 and <= 249);
        if (topics.Count == 0)
            s.Problem("topics", "must name at least one topic, such as [\"ftp-audit\"].");
        return new ProftpdKafkaSection(name, d with
        {
            Brokers = KafkaSection.Brokers(s),
            Topics = topics,
            Group = s.Text("group", d.Group, "must be the name of a consumer group", t => t.Length > 0),
            Properties = KafkaSection.Properties(s, ProftpdKafkaOptions.Reserved),
            Hosts = s.TextMap("hosts", "must be an object of names by addresses: { \"192.0.2.10\": \"ftp1\" }"),
            Hold = s.Duration("hold", d.Hold, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
        });
    }

    public override ISource Open(SourceContext context) => new ProftpdKafkaSource(Options with { Host = context.Host }, context.Spool, context.Materializer, context.Time);

    public override IMessageDecoder Decoder(string host) =>
        new ProftpdDecoder(Name, message => message is null ? host : KafkaReading.HostOf(Options with { Host = host }, message));
}
