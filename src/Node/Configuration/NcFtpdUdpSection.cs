using System.Net;
using FtpActors.Ingest;
using FtpActors.Ingest.Udp;
using FtpActors.Protocol;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>ncftpd-udp</c>: NcFTPd's event messages as datagrams.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Options">The source's own settings, with their defaults.</param>
/// <param name="SwapHosts">Exchanges the two host fields of a message, whose order is inferred. Default: no.</param>
internal sealed record NcFtpdUdpSection(string Name, NcFtpdUdpOptions Options, bool SwapHosts) : SourceSection(Name, KindName)
{
    public const string KindName = "ncftpd-udp";

    // The source takes an empty list as "everyone"; in the configuration that has to be said.
    private const string Everyone = "*";

    private static readonly string[] LoopbackOnly = ["127.0.0.1", "::1"];

    public static SourceSection Read(Section s, string name)
    {
        var d = new NcFtpdUdpOptions { Name = name };
        var allow = s.Texts("allow", LoopbackOnly, "must be a list of IP addresses, or [\"*\"] for every sender", a => a == Everyone || IPAddress.TryParse(a, out _));
        if (allow.Count == 0 || (allow.Contains(Everyone) && allow.Count > 1))
            s.Problem("allow", "must name at least one sender, or [\"*\"] alone for every sender.");
        var options = d with
        {
            Listen = s.EndPoint("listen", "127.0.0.1:9721", minPort: 1),
            AllowFrom = [.. allow.Where(a => a != Everyone).Select(IPAddress.Parse)],
            ReceiveBuffer = (int)s.Whole("receive_buffer", d.ReceiveBuffer, 2048, int.MaxValue),
        };
        return new NcFtpdUdpSection(name, options, s.Flag("swap_hosts", false));
    }

    public override ISource Open(SourceContext context) => new NcFtpdUdpSource(
        Options, context.Spool, Decoder(context.Host), Fingerprint.Of, context.Horizon, context.Materializer, context.Time);

    public override IMessageDecoder Decoder(string host) => new NcFtpdMessageDecoder(host, Name, SwapHosts);

    /// <summary>Gives a running source the senders of this section; false when it is not such a source.</summary>
    public bool TryAllow(ISource? running)
    {
        if (running is not NcFtpdUdpSource udp)
            return false;
        udp.Allow(Options.AllowFrom);
        return true;
    }
}
