using System.Security.Cryptography;
using System.Text;

namespace FtpActors.Node.Access;

/// <summary>
/// How a node's own API knows a request that came to another node and by the cluster's connections: by a secret of this process that only it itself sends. Who asked and what they
/// may do was found out by the node that was asked, and goes along.
/// </summary>
internal sealed class ClusterPass
{
    private const string Header = "X-FtpActors-Pass";
    private const string WhoHeader = "X-FtpActors-Who";
    private const string RoleHeader = "X-FtpActors-Role";

    private readonly string _secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));

    /// <summary>Signs a request for the node's own API.</summary>
    public void Sign(HttpRequestMessage request, string who, Role role)
    {
        request.Headers.Add(Header, _secret);
        request.Headers.Add(WhoHeader, who);
        request.Headers.Add(RoleHeader, Roles.Of(role));
    }

    /// <summary>Who asked the other node; null for a request that came from anywhere else.</summary>
    public Asker? Find(HttpRequest request) =>
        request.Headers[Header] is [{ } given] && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(_secret))
            && request.Headers[WhoHeader] is [{ } who] && Roles.TryParse(request.Headers[RoleHeader], out var role)
            ? new Asker(who, role)
            : null;

    /// <summary>Whether a request came by way of another node, so that it is not sent on.</summary>
    public bool IsFromNode(HttpRequest request) => Find(request) is not null;
}
