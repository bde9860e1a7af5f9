using FtpActors.Protocol;

namespace FtpActors.Ingest.Spooling;

/// <summary>What a spool's journal holds: one row for what was stored together.</summary>
/// <param name="Spool">Id of the spool.</param>
/// <param name="FirstSeq">Seq of the first event (of the next one to come, when there is none).</param>
/// <param name="Events">The events, which follow each other without gaps.</param>
/// <param name="Quarantined">Messages that could not be decoded, with their numbers.</param>
/// <param name="Bookmarks">Where the sources stand with this row.</param>
/// <param name="Released">Numbers of quarantined messages that are among the events now.</param>
/// <param name="Parts">What was stored together, so that a part that is handed over again is known.</param>
internal sealed record BatchSpooled(
    string Spool, long FirstSeq, IReadOnlyList<FtpEvent> Events, IReadOnlyList<QuarantineEntry> Quarantined, IReadOnlyList<Bookmark> Bookmarks, IReadOnlyList<long> Released,
    IReadOnlyList<SpooledPart> Parts)
{
    /// <summary>A row with nothing in it, in the place of one that cannot be read.</summary>
    public static BatchSpooled Nothing(string spool, long nextSeq) => new(spool, nextSeq, [], [], [], [], []);

    /// <summary>Seq of its last event; of the last before it, when it has none.</summary>
    public long LastSeq => FirstSeq + Events.Count - 1;
}

/// <summary>A batch, or a release, that is in the spool.</summary>
/// <param name="Id">Its id; see <see cref="Append.Id"/>.</param>
/// <param name="FirstSeq">Seq of its first event.</param>
internal sealed record SpooledPart(long Id, long FirstSeq);

/// <summary>Where a source stands.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="State">Its own bookmark.</param>
internal sealed record Bookmark(string Source, byte[] State);

/// <summary>All that a spool is after a row: the rows before it may go when they are shipped.</summary>
/// <param name="Spool">Id of the spool.</param>
/// <param name="LastSeq">Seq of its last event.</param>
/// <param name="ShippedRow">The last row that was shipped.</param>
/// <param name="ShippedSeq">Seq of the last event that was shipped.</param>
/// <param name="LastQuarantined">Number of the last quarantined message.</param>
/// <param name="Bookmarks">Where the sources stand.</param>
/// <param name="Parts">The newest batches, so that one that is handed over again is known.</param>
/// <param name="Uploads">Uploads under temporary names that wait for their rename, by source.</param>
internal sealed record SpoolSnapshot(
    string Spool, long LastSeq, long ShippedRow, long ShippedSeq, long LastQuarantined, IReadOnlyList<Bookmark> Bookmarks, IReadOnlyList<SpooledPart> Parts,
    IReadOnlyList<(string Source, IReadOnlyList<FtpEvent> Events)> Uploads);

/// <summary>A row that cannot be read: what it held is lost here, and the rest goes on.</summary>
/// <param name="Reason">What is wrong with it, for a person.</param>
/// <param name="Bytes">As they are stored.</param>
internal sealed record DamagedSpoolRow(string Reason, byte[] Bytes);
