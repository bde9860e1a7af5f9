namespace FtpActors.Node.Configuration;

/// <summary>Section <c>journal</c>.</summary>
/// <param name="Shards">Number of handlers, 1 to 1024; fixed when the journal is made. Default 2: on few cores more are slower; 16 in PostgreSQL.</param>
/// <param name="IsShared">The journal is in PostgreSQL (<c>kind</c> <c>postgres</c>), for the nodes of a cluster.</param>
/// <param name="Connection">Npgsql's connection string; null where there is none. It may have a password in it: no message shows it.</param>
/// <param name="Lease">How long a handler node may be silent to the database before its handlers go to others, 2 s to 1 min. Default 6 s.</param>
internal sealed record JournalSection(int Shards, bool IsShared, string? Connection, TimeSpan Lease)
{
    /// <summary>Handlers of a journal when the configuration does not say.</summary>
    public const int DefaultShards = 2;

    private const int DefaultSharedShards = 16;

    public static JournalSection Read(Section s)
    {
        var isShared = s.OneOf("kind", "sqlite", "sqlite", "postgres") == "postgres";
        var section = new JournalSection(
            (int)s.Whole("shards", isShared ? DefaultSharedShards : DefaultShards, 1, 1024),
            isShared,
            isShared ? s.Secret("connection", "must be a connection string, such as \"Host=db;Database=ftpactors;Username=ftpactors;Passfile=/etc/ftpactors/pgpass\"") : null,
            isShared ? s.Duration("lease", TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)) : TimeSpan.Zero);
        s.Done(isSecret: true);
        return section;
    }
}
