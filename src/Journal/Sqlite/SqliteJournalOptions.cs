namespace FtpActors.Journal.Sqlite;

/// <summary>Settings of the embedded journal.</summary>
public sealed record SqliteJournalOptions
{
    /// <summary>The data folder; made (for its owner only) when it is not there. One process at a time may use it.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of the file in the folder. Default <c>journal.db</c>; the spool of a node with a shared journal is <see cref="SpoolFile"/>.</summary>
    public string File { get; init; } = "journal.db";

    /// <summary>Name of the file that is a spool only; such a file has one shard.</summary>
    public const string SpoolFile = "spool.db";

    /// <summary>Name of this host, kept beside the spool.</summary>
    public required string Host { get; init; }

    /// <summary>Number of shards, 1 to 1,024; must be the same at every start. Default 16.</summary>
    public int Shards { get; init; } = 16;

    /// <summary>Requests that may wait for the writer; further callers wait for a place. Default 256.</summary>
    public int QueuedRequests { get; init; } = 256;

    /// <summary>Queries that may read at once; further ones wait. Default 4.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Says when a delivery or a replay was made. Default the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
