using FtpActors.Protocol.Globs;

namespace FtpActors.Ingest.Spooling;

/// <summary>What a spool needs of its node.</summary>
/// <param name="Quarantine">Where messages that could not be decoded are kept.</param>
/// <param name="TemporaryNames">Globs of temporary names of uploads; none turns final names off.</param>
/// <param name="Gather">How long after a write the next one waits for more when few events come.</param>
internal sealed record SpoolContext(QuarantineFile Quarantine, IReadOnlyList<Glob> TemporaryNames, TimeSpan Gather)
{
    /// <summary>The persistence id of every spool; its file is its own. Stored: it never changes.</summary>
    public const string PersistenceId = "spool";

    /// <summary>Id of the journal plugin of the spool.</summary>
    public const string JournalPlugin = "akka.persistence.journal.spool";

    /// <summary>Id of its snapshot store.</summary>
    public const string SnapshotPlugin = "akka.persistence.snapshot-store.spool";

    /// <summary>Id of its read journal.</summary>
    public const string ReadPlugin = "akka.persistence.query.journal.spool";
}
