using FtpActors.Journal.Postgres.Spread;

namespace FtpActors.Journal.Postgres;

/// <summary>Settings of the shared journal.</summary>
public sealed record PostgresJournalOptions
{
    /// <summary>
    /// Npgsql's connection string, for example <c>Host=db;Database=ftpactors;Username=ftpactors;SSL Mode=VerifyFull</c>. It must lead to the
    /// primary itself, not to a pooler: see <see cref="Lease"/>. A database holds one journal.
    /// </summary>
    public required string Connection { get; init; }

    /// <summary>Number of shards, 1 to 1,024; must be the same at every start of every node. Default 16.</summary>
    public int Shards { get; init; } = 16;

    /// <summary>Which of several servers this one is; null for the only one, which has all shards. Fixed when the journal is made.</summary>
    public ServerPlace? Place { get; init; }

    /// <summary>
    /// How long the server lets the connection that holds a shard be silent before it ends it and gives the shard free, 1 second to 10 minutes.
    /// The owner speaks four times as often. Default 15 seconds.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long to wait for a shard that another node holds before giving up, from 1 millisecond. Default 2 seconds.</summary>
    public TimeSpan TakeWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often an owner looks for events that no notification told of: the safety net. Default 10 seconds.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Says when a delivery or a replay was made. Default the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Told, in a sentence for the operator, of trouble that no caller meets at once: a shard's connection that ended while idle, a listener that
    /// connects anew. Called on any thread.
    /// </summary>
    public Action<string> Trouble { get; init; } = _ => { };
}
