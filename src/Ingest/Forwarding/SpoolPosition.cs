using System.Buffers;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Forwarding;

/// <summary>Where the journal stands in a spool, looked at before anything is shipped: after each start and after each failure.</summary>
internal static class SpoolPosition
{
    /// <summary>Seq of the last event that has arrived.</summary>
    /// <exception cref="SpoolMismatchException">The two do not fit together.</exception>
    /// <exception cref="JournalException">One of them cannot be read.</exception>
    public static async Task<long> FindAsync(SqliteJournal spool, ISpoolReceiver journal)
    {
        var arrived = await journal.ReadSpoolSeqAsync(spool.SpoolId).ConfigureAwait(false);
        var extent = await spool.ReadExtentAsync().ConfigureAwait(false);
        if (arrived > extent.Last)
        {
            throw new SpoolMismatchException(
                $"The journal has events of spool {spool.SpoolId} up to seq {arrived}, but the spool itself has come to {extent.Last} only: {SqliteJournalOptions.SpoolFile} was "
                + $"restored from a backup, or copied. Nothing is shipped, because the journal would take new events for old ones. {NewSpool}");
        }
        if (arrived < extent.First - 1)
        {
            throw new SpoolMismatchException(
                $"Events {arrived + 1} to {extent.First - 1} of spool {spool.SpoolId} are neither in the journal nor in the spool any more: the journal has lost them after it "
                + "had confirmed them (restored from a backup, or a standby took over that was behind by more than journal.keep). Nothing is shipped meanwhile. Bring that journal "
                + $"back, or give them up: ftpactors forwarder skip --seq {extent.First - 1}",
                (arrived, extent.First - 1));
        }
        if (arrived >= extent.First && await DiffersAsync(spool, journal, arrived).ConfigureAwait(false))
        {
            throw new SpoolMismatchException(
                $"Event {arrived} of spool {spool.SpoolId} is another one in the journal than in the spool: {SqliteJournalOptions.SpoolFile} was restored from a backup and written "
                + $"since, or two nodes have copies of one spool. Nothing is shipped. {NewSpool}");
        }
        return arrived;
    }

    private const string NewSpool =
        $"Stop the node, move {SqliteJournalOptions.SpoolFile} (and its -wal and -shm) out of its data folder, and start it: it begins a new spool. "
        + "What was read since stays in the file that was moved.";

    private static async Task<bool> DiffersAsync(SqliteJournal spool, ISpoolReceiver journal, long seq)
    {
        var theirs = await journal.ReadSpooledAsync(spool.SpoolId, seq).ConfigureAwait(false);
        var ours = await spool.ReadEventsAsync(0, spool.SpoolId, [seq]).ConfigureAwait(false);
        // Retention may have taken it there; it was dropped here in the meantime only when it was confirmed long ago.
        return theirs is not null && ours.Count > 0
            && (theirs.Event.ReceivedAt != ours[0].Event.ReceivedAt || !Payload(theirs.Event).AsSpan().SequenceEqual(Payload(ours[0].Event)));
    }

    private static byte[] Payload(FtpEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
            EventJson.WritePayload(json, e);
        return buffer.WrittenSpan.ToArray();
    }
}
