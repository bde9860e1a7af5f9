using System.Net;

namespace FtpActors.Node.Configuration;

/// <summary>
/// Section <c>cluster.bootstrap</c>, instead of <c>seeds</c>: the nodes find each other by Akka.Discovery and agree by Akka.Management on who begins the cluster.
/// </summary>
/// <param name="IsDns">The name <c>service</c> has the addresses of all nodes (<c>method</c> <c>dns</c>), such as a headless service of Kubernetes; else they are named (<c>config</c>, the default).</param>
/// <param name="Contacts">The nodes that are named, as <c>host:port</c> of their <c>bootstrap.listen</c>; the same on all nodes.</param>
/// <param name="Listen">Where the others ask this node. Default: the address of <c>cluster.listen</c>, port 8558.</param>
/// <param name="Required">So many nodes must see each other before they begin a cluster. Default 2.</param>
/// <param name="Service">The name that is looked up. Default ftpactors.</param>
internal sealed record BootstrapSection(bool IsDns, IReadOnlyList<string> Contacts, DnsEndPoint Listen, int Required, string Service)
{
    private const int DefaultPort = 8558;

    /// <summary>Reads it.</summary>
    /// <param name="s">The section.</param>
    /// <param name="host">Host of <c>cluster.listen</c>.</param>
    public static BootstrapSection Read(Section s, string host)
    {
        var isDns = s.OneOf("method", "config", "config", "dns") == "dns";
        DnsEndPoint? listen = null;
        s.Text("listen", $"{host}:{DefaultPort}", ClusterSection.Place, text => ClusterSection.TryPlace(text, out listen));
        var contacts = isDns ? [] : s.Texts("contacts", [], "must be a list of HOST:PORT, such as [\"10.0.0.1:8558\", \"10.0.0.2:8558\"]", text => ClusterSection.TryPlace(text, out _));
        if (!isDns && contacts.Count == 0)
            s.Problem("contacts", "must name where nodes of the cluster listen for this (their cluster.bootstrap.listen), the same ones on all nodes: [\"10.0.0.1:8558\", \"10.0.0.2:8558\"].");
        var section = new BootstrapSection(
            isDns, contacts, listen ?? new DnsEndPoint(host, DefaultPort), (int)s.Whole("required", 2, 1, 100), s.Text("service", "ftpactors", "must be a name of DNS", text => Uri.CheckHostName(text) == UriHostNameType.Dns));
        s.Done();
        return section;
    }
}
