using System.Net;
using System.Security.Cryptography.X509Certificates;
using FtpActors.Actors.Stored;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>How a node is part of a cluster.</summary>
/// <param name="Listen">Where the others reach it; port 0 is any free one.</param>
/// <param name="Seeds">Nodes to join by, as <c>host:port</c>; may name the node itself.</param>
/// <param name="Bootstrap">How nodes find each other without seeds; null with seeds.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Journal">Npgsql's connection string of the journal; null on a node without handlers.</param>
/// <param name="Lease">How long a handler node may be silent to the database before its handlers go to others.</param>
/// <param name="Servers">The further servers of the journal.</param>
/// <param name="Tls">Its certificate and the authority that all certificates are of; null on loopback without TLS.</param>
internal sealed record ClusterOptions(
    DnsEndPoint Listen, IReadOnlyList<string> Seeds, BootstrapSection? Bootstrap, IReadOnlyList<string> Roles, string? Journal, TimeSpan Lease, JournalServers Servers,
    (X509Certificate2 Certificate, X509Certificate2 Authority)? Tls);
