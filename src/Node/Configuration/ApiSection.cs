using System.Net;
using FtpActors.Node.Access;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>api</c>: who may ask the node, and how much.</summary>
/// <param name="Certificate">TLS certificate of the API; null for none, which is only possible on loopback.</param>
/// <param name="Tokens">File of the tokens, made by <c>ftpactors token new</c>. Default <c>tokens.json</c> in the data folder.</param>
/// <param name="NeedsToken">Whether every request needs a token: always beyond loopback, there by <c>tokens_on_loopback</c>. Default no.</param>
/// <param name="Connections">Connections that are open at once, 10 to 100,000. Default 2,000.</param>
/// <param name="Requests">Requests a second from one address, 1 to 1,000,000, twice as many in a burst. Default 1,000.</param>
internal sealed record ApiSection(CertificateFile? Certificate, string Tokens, bool NeedsToken, int Connections, int Requests)
{
    public static ApiSection Read(Section s, NodeSection node)
    {
        var isLoopback = IPAddress.IsLoopback(node.Listen.Address);
        var tls = s.Raw("tls") is null ? null : s.Sub("tls");
        var section = new ApiSection(
            tls is null ? null : ReadCertificate(tls),
            s.OptionalFilePath("tokens") ?? Path.Combine(node.Data, "tokens.json"),
            s.Flag("tokens_on_loopback", false) || !isLoopback,
            (int)s.Whole("connections", 2000, 10, 100_000),
            (int)s.Whole("requests_per_second", 1000, 1, 1_000_000));
        if (tls is null && !isLoopback)
        {
            s.Problem("tls", $"is needed, because node.listen = \"{node.Listen}\" is not a loopback address and tokens, users and paths would go over the network for all to read: "
                + "api { tls { certificate = \"api.pem\", key = \"api.key\" } }; or keep node.listen on 127.0.0.1.");
        }
        s.Done();
        return section;
    }

    private static CertificateFile? ReadCertificate(Section s)
    {
        var (certificate, key) = (s.FilePath("certificate", "api.pem"), s.FilePath("key", "api.key"));
        s.Done();
        try
        {
            return CertificateFile.Load(certificate, key);
        }
        catch (CertificateException e)
        {
            s.Problem("certificate", e.Message);
            return null;
        }
    }
}
