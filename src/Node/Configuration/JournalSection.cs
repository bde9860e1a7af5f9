using System.Text.Json.Nodes;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Postgres.Spread;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>journal</c>.</summary>
/// <param name="Shards">Number of shards, 1 to 1024; fixed when the journal is made. Default 16.</param>
/// <param name="Cluster">The shared journal in PostgreSQL (<c>kind</c> <c>postgres</c>); null for the embedded one (<c>sqlite</c>).</param>
internal sealed record JournalSection(int Shards, ClusterSettings? Cluster)
{
    /// <summary>See <see cref="FtpActors.Actors.ShardOptions.ShortestStepPause"/>: SQLite's one writer joins the steps of all shards by itself.</summary>
    public TimeSpan ShortestStepPause => Cluster is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(10);

    public static JournalSection Read(Section s)
    {
        var kind = s.OneOf("kind", "sqlite", "sqlite", "postgres");
        var shards = (int)s.Whole("shards", 16, 1, 1024);
        var section = new JournalSection(shards, kind == "postgres" ? ClusterSettings.Read(s, shards) : null);
        s.Done();
        return section;
    }
}

/// <summary>The settings of a shared journal.</summary>
/// <param name="Connections">Npgsql's connection strings: one, or one per server.</param>
/// <param name="Map">Which of several servers has which shards; null for one.</param>
/// <param name="Keep">How long an event stays in the spool of its node after the journal has confirmed it, 0 to 7 days. Default 10 minutes.</param>
/// <param name="Lease">How long the server lets an owner be silent before it gives its shards to others, 1 second to 10 minutes. Default 6 s.</param>
internal sealed record ClusterSettings(IReadOnlyList<string> Connections, ShardMap? Map, TimeSpan Keep, TimeSpan Lease)
{
    public static ClusterSettings Read(Section s, int shards)
    {
        var connections = s.Secrets("connection", "must be a connection string, such as \"Host=db;Database=ftpactors;Username=ftpactors\", or a list of them, one per server.");
        return new(
            connections, ReadMap(s, shards, connections.Count),
            s.Duration("keep", TimeSpan.FromMinutes(10), TimeSpan.Zero, TimeSpan.FromDays(7)),
            s.Duration("lease", TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)));
    }

    /// <summary>Opens the journal on its server, or on all of them.</summary>
    /// <exception cref="JournalException">It cannot be opened.</exception>
    public async Task<ISharedJournal> OpenAsync(int shards, TimeProvider time, Action<string> trouble)
    {
        PostgresJournalOptions[] servers = [.. Connections.Select(connection => new PostgresJournalOptions
        {
            Connection = connection, Shards = shards, Lease = Lease, Clock = time, Trouble = trouble,
        })];
        return Map is null ? await PostgresJournal.OpenAsync(servers[0]) : await SpreadJournal.OpenAsync(Map, servers);
    }

    private static ShardMap? ReadMap(Section s, int shards, int servers)
    {
        var raw = s.Raw("servers");
        if (servers <= 1)
        {
            // With no connection at all that is the problem.
            if (raw is not null && servers == 1)
                s.Problem("servers", "is for several servers: make \"connection\" a list of as many, or leave it out");
            return null;
        }
        if (servers > Math.Min(shards, ShardMap.MostServers))
        {
            s.Problem("servers", $"cannot be: there are {servers} connections, and at most {ShardMap.MostServers}, and no more than shards, are possible");
            return null;
        }
        var half = shards / servers;
        var example = string.Join(", ", Enumerable.Range(0, servers).Select(n => $"\"{n * half}-{(n == servers - 1 ? shards : (n + 1) * half) - 1}\": {n}"));
        var ranges = (raw as JsonObject)?.Select(r => (r.Key, r.Value is JsonValue v && v.TryGetValue<int>(out var server) ? server : -1)).ToList();
        string? problem = null;
        if (ranges is not null && ShardMap.TryRead(ranges, shards, servers, out problem) is { } map)
            return map;
        s.Problem("servers", $"must say which of the {servers} servers, from 0, has which shards, such as {{ {example} }}" + (problem is null ? "" : $"; {problem}"));
        return null;
    }
}
