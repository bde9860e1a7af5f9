namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>A node of a cluster.</summary>
internal sealed class ClusterNode : NodeProcess
{
    private readonly string[] _before;

    public ClusterNode(ClusterSettings cluster, string name, params string[] roles)
        : base(name)
    {
        _before = cluster.Before(name);
        var isHandler = roles.Contains("handler");
        var sources = roles.Contains("ingest") ? $$"""{ "name": "queue", "kind": "ncftpd-mqueue", "key": "{{Key}}" } {{cluster.Sources}}""" : "";
        File.WriteAllText(Config, $$"""
            { "node": { "name": "{{name}}", "roles": [{{string.Join(", ", roles.Select(r => $"\"{r}\""))}}], "listen": "{{Listen}}", "data": "data" },
              "journal": { "kind": "postgres", {{(isHandler ? $"\"connection\": \"{cluster.Connection}\", {cluster.Servers}" : "")}} "shards": {{cluster.Shards}}, "lease": "{{cluster.Lease}}" },
              "cluster": { "listen": "{{cluster.AddressOf(name)}}", {{cluster.WayIn(name)}} {{cluster.Tls}} },
              {{cluster.More}}
              "rules": {{cluster.Rules}},
              "sources": [ {{sources}} ] }
            """);
    }

    public void Start() => Process = Program.StartAs(_before, "run", "--config", Config);

    /// <summary>Number of handlers by the node where they live, as this one sees it.</summary>
    public async Task<Dictionary<string, int>> HomesAsync() =>
        (await GetAsync("/api/v1/cluster")).GetProperty("members").EnumerateArray()
            .ToDictionary(m => $"{m.GetProperty("name").GetString()}/{m.GetProperty("uid").GetInt64()}", m => m.GetProperty("shards").GetArrayLength(), StringComparer.Ordinal)
            .GroupBy(m => m.Key.Split('/')[0], StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(m => m.Value), StringComparer.Ordinal);
}
