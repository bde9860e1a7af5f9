using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>cluster</c>: how a node is part of a cluster.</summary>
/// <param name="Listen">Where the other nodes reach it. Default 127.0.0.1:9120; port 0 is any free one.</param>
/// <param name="Seeds">Nodes to join by, as <c>host:port</c>, the same on all nodes; may name the node itself.</param>
/// <param name="Bootstrap">How nodes find each other without seeds; null with seeds.</param>
/// <param name="Tls">Certificates; null on loopback without TLS.</param>
internal sealed record ClusterSection(DnsEndPoint Listen, IReadOnlyList<string> Seeds, BootstrapSection? Bootstrap, TlsSection? Tls)
{
    /// <summary>What a node of a cluster has in its file, at least.</summary>
    public const string Example =
        """
        node { roles = [handler] }  journal { kind = postgres, connection = "Host=db;Database=ftpactors;Username=ftpactors" }  cluster { listen = "10.0.0.1:9120", seeds = ["10.0.0.1:9120", "10.0.0.2:9120"], tls { certificate = "node.pem", key = "node.key", ca = "ca.pem" } }
        """;

    /// <summary>What a place must be.</summary>
    public const string Place = "must be HOST:PORT, such as \"10.0.0.1:9120\"";

    /// <summary>Reads it; null when there is none.</summary>
    public static ClusterSection? Read(Section root)
    {
        if (root.Raw("cluster") is null)
            return null;
        var s = root.Sub("cluster");
        DnsEndPoint? listen = null;
        s.Text("listen", "127.0.0.1:9120", Place, text => TryPlace(text, out listen));
        if (listen is not null && IPAddress.TryParse(listen.Host, out var any) && (any.Equals(IPAddress.Any) || any.Equals(IPAddress.IPv6Any)))
            s.Problem("listen", "must be the address at which the other nodes reach this one; it is also what this node calls itself. Name one of the machine's addresses: \"10.0.0.1:9120\".");
        var seeds = s.Texts("seeds", [], "must be a list of HOST:PORT, such as [\"10.0.0.1:9120\", \"10.0.0.2:9120\"]", text => TryPlace(text, out _));
        listen ??= new DnsEndPoint("127.0.0.1", 9120);
        var bootstrap = s.Raw("bootstrap") is null ? null : BootstrapSection.Read(s.Sub("bootstrap"), listen.Host);
        if (bootstrap is null && seeds.Count == 0)
            s.Problem("seeds", "must name at least one node to join by, the same ones on all nodes: [\"10.0.0.1:9120\", \"10.0.0.2:9120\"]. The first node may name itself. Or have them found: bootstrap { ... }.");
        else if (bootstrap is not null && seeds.Count > 0)
            s.Problem("seeds", "and bootstrap are two ways to the same: leave out one of them.");
        var section = new ClusterSection(listen, seeds, bootstrap, s.Raw("tls") is null ? null : TlsSection.Read(s.Sub("tls")));
        if (section.Tls is null && !IsLoopback(section.Listen.Host))
        {
            s.Problem("tls", "is needed beyond loopback, because whoever reaches this port could do everything: tls { certificate = \"node.pem\", key = \"node.key\", ca = \"ca.pem\" }. "
                + "docker/make-secrets makes a certificate authority and certificates.");
        }
        s.Done();
        return section;
    }

    /// <summary>What is wrong between sections. No value is shown with it: a connection may have a password in it.</summary>
    /// <param name="tree">What they were read from.</param>
    /// <param name="node">Section <c>node</c>.</param>
    /// <param name="journal">Section <c>journal</c>.</param>
    /// <param name="cluster">Section <c>cluster</c>; null when there is none.</param>
    /// <param name="problems">What was found in the sections themselves; what is found here is added.</param>
    public static void Check(ConfigTree tree, NodeSection node, JournalSection journal, ClusterSection? cluster, List<ConfigProblem> problems)
    {
        if (journal.IsShared && cluster is null)
            Add("cluster", $"it is needed with journal.kind = postgres: {Example}");
        else if (cluster is not null && !journal.IsShared)
            Add("journal.kind", $"it must be postgres on a node of a cluster (journal.shards as on all its nodes; the connection only where handlers are): {Example}");
        else if (cluster is not null && node.Handler && journal.Connection is null && problems.TrueForAll(p => p.Key != "journal.connection"))
            Add("journal.connection", $"a node with the role handler needs it: {Example}");
        if (cluster is not null && node.Handler && journal.Servers.Further.Any(s => s.Connection is null) && problems.TrueForAll(p => !p.Key.StartsWith("journal.servers", StringComparison.Ordinal)))
            Add("journal.servers", "a node with the role handler needs the connection of each: servers = [ { shards = \"8-15\", connection = \"Host=db2;Database=ftpactors;Username=ftpactors\" } ]");

        void Add(string key, string remedy) => problems.Add(new ConfigProblem(tree.File, key, null, remedy));
    }

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Reads <c>HOST:PORT</c>.</summary>
    public static bool TryPlace(string text, out DnsEndPoint? place)
    {
        var colon = text.LastIndexOf(':');
        var isPlace = colon > 0 && Uri.CheckHostName(text[..colon]) is not UriHostNameType.Unknown
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        place = isPlace ? new DnsEndPoint(text[..colon], ushort.Parse(text[(colon + 1)..], CultureInfo.InvariantCulture)) : null;
        return isPlace;
    }
}

/// <summary>Section <c>cluster.tls</c>: PEM files.</summary>
/// <param name="Certificate">The node's certificate with its key.</param>
/// <param name="Authority">The authority of all nodes' certificates.</param>
internal sealed record TlsSection(X509Certificate2 Certificate, X509Certificate2 Authority)
{
    public static TlsSection? Read(Section s)
    {
        var (certificate, key, ca) = (s.FilePath("certificate", "node.pem"), s.FilePath("key", "node.key"), s.FilePath("ca", "ca.pem"));
        s.Done();
        var authority = Load(s, "ca", ca, () => X509Certificate2.CreateFromPem(File.ReadAllText(ca)));
        // Through PKCS 12, because TLS takes no key that is only in memory.
        var own = Load(s, "certificate", certificate, () =>
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        });
        if (authority is null || own is null)
            return null;
        if (own.NotAfter < DateTime.Now)
            s.Problem("certificate", $"{certificate} has expired on {own.NotAfter:yyyy-MM-dd}. Make a new one: docker/make-secrets --renew NAME.");
        else if (own.NotBefore > DateTime.Now)
            s.Problem("certificate", $"{certificate} is valid only from {own.NotBefore:yyyy-MM-dd HH:mm}. Is the clock of this machine right?");
        else if (!CertificateChain.IsOf(own, authority))
            s.Problem("certificate", $"{certificate} is not of the authority {ca}: no other node would take it.");
        return new TlsSection(own, authority);
    }

    private static X509Certificate2? Load(Section s, string name, string file, Func<X509Certificate2> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            s.Problem(name, $"{file} cannot be used: {e.Message.TrimEnd('.')}. It and its key must be PEM files.");
            return null;
        }
    }
}
