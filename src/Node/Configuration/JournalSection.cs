using FtpActors.Journal.Postgres;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>journal</c>.</summary>
/// <param name="Shards">Number of shards, 1 to 1024; fixed when the journal is made. Default 16.</param>
/// <param name="Cluster">The shared journal in PostgreSQL (<c>kind</c> <c>postgres</c>); null for the embedded one (<c>sqlite</c>).</param>
internal sealed record JournalSection(int Shards, ClusterSettings? Cluster)
{
    public static JournalSection Read(Section s)
    {
        var kind = s.OneOf("kind", "sqlite", "sqlite", "postgres");
        var shards = (int)s.Whole("shards", 16, 1, 1024);
        var section = new JournalSection(shards, kind == "postgres" ? ClusterSettings.Read(s) : null);
        s.Done();
        return section;
    }
}

/// <summary>The settings of a shared journal.</summary>
/// <param name="Connection">Npgsql's connection string.</param>
/// <param name="Keep">How long an event stays in the spool of its node after the journal has confirmed it, 0 to 7 days. Default 10 minutes.</param>
/// <param name="Lease">How long the server lets an owner be silent before it gives its shards to others, 1 second to 10 minutes. Default 6 s.</param>
internal sealed record ClusterSettings(string Connection, TimeSpan Keep, TimeSpan Lease)
{
    public static ClusterSettings Read(Section s) => new(
        s.Text("connection", null, "must be a connection string, such as \"Host=db;Database=ftpactors;Username=ftpactors\"", text => text.Length > 0),
        s.Duration("keep", TimeSpan.FromMinutes(10), TimeSpan.Zero, TimeSpan.FromDays(7)),
        s.Duration("lease", TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)));

    // A shard that another node has is tried for again and again; who waits in line for its lock would get it before the one it is meant for.
    private static readonly TimeSpan TakeWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The same as the engine wants it.</summary>
    public PostgresJournalOptions Options(int shards, TimeProvider time, Action<string> trouble) =>
        new() { Connection = Connection, Shards = shards, Lease = Lease, TakeWait = TakeWait, Clock = time, Trouble = trouble };
}
