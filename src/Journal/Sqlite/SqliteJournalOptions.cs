namespace FtpActors.Journal.Sqlite;

/// <summary>Settings of the embedded journal.</summary>
public sealed record SqliteJournalOptions
{
    /// <summary>The data folder; made (for its owner only) when it is not there. The journal is the file <c>journal.db</c> in it.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of this host, kept beside the spool.</summary>
    public required string Host { get; init; }

    /// <summary>Number of shards, 1 to 1,024; must be the same at every start. Default 16.</summary>
    public int Shards { get; init; } = 16;

    /// <summary>Requests that may wait for the writer; further callers wait for a place. Default 256.</summary>
    public int QueuedRequests { get; init; } = 256;

    /// <summary>Queries that may read at once; further ones wait. Default 4.</summary>
    public int Readers { get; init; } = 4;
}
