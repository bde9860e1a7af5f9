using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>What the nodes of a test's cluster have in common.</summary>
/// <param name="same">Settings of other nodes of the same cluster; null for the first.</param>
internal sealed class ClusterSettings(ClusterSettings? same = null)
{
    private readonly Dictionary<string, string> _addresses = same?._addresses ?? new(StringComparer.Ordinal);

    /// <summary>To the database.</summary>
    public required string Connection { get; init; }

    /// <summary>For <c>journal.servers</c>, with a comma behind it.</summary>
    public string Servers { get; init; } = "";

    /// <summary>Names of the nodes to join by.</summary>
    public required IReadOnlyList<string> SeedNames { get; init; }

    /// <summary>For <c>cluster.bootstrap</c> of a node, instead of the seeds.</summary>
    public Func<string, string>? Bootstrap { get; init; }

    public int Shards { get; init; } = 16;

    public string Lease { get; init; } = "4s";

    public string Rules { get; init; } = "[]";

    /// <summary>More sources of the nodes that have any, with a comma before each.</summary>
    public string Sources { get; init; } = "";

    /// <summary>More sections, each with a comma behind it.</summary>
    public string More { get; init; } = "";

    /// <summary>For <c>cluster.tls</c>, with a comma before it.</summary>
    public string Tls { get; init; } = "";

    /// <summary>Address of a node, when it is not on loopback.</summary>
    public Func<string, string>? HostOf { get; init; }

    /// <summary>A command that a node runs behind, such as <c>ip netns exec</c>.</summary>
    public Func<string, string[]> Before { get; init; } = _ => [];

    /// <summary>The settings by which a node finds the others.</summary>
    public string WayIn(string node) =>
        Bootstrap is { } bootstrap ? $"\"bootstrap\": {bootstrap(node)}" : $"\"seeds\": [{string.Join(", ", SeedNames.Select(s => $"\"{AddressOf(s)}\""))}]";

    public string AddressOf(string node)
    {
        if (!_addresses.TryGetValue(node, out var address))
            _addresses.Add(node, address = HostOf is { } host ? $"{host(node)}:9120" : $"127.0.0.1:{FreePort.Take()}");
        return address;
    }
}
