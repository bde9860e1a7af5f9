using FtpActors.Protocol;

namespace FtpActors.Journal;

/// <summary>
/// The end of a shard as one reader follows it: fresh events from its mailbox while it is caught up, the journal's table while it is not. Knows
/// the reader's position in each spool, so that no event is read twice and none is passed over. Used by one reader.
/// </summary>
/// <param name="journal">The journal, or the spool.</param>
/// <param name="shard">Number of the shard.</param>
/// <param name="mailbox">Where fresh events of the shard are posted.</param>
/// <param name="most">Most events of one read from the table; fresh ones may be more by one batch.</param>
public sealed class JournalTail(IJournal journal, int shard, Mailbox<FreshBatch> mailbox, int most)
{
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _behind = new(StringComparer.Ordinal);
    private int _missed = 1;

    /// <summary>Positions by spool id.</summary>
    public IReadOnlyDictionary<string, long> Positions => _positions;

    /// <summary>Nothing waits to be read.</summary>
    public bool IsCaughtUp => _behind.Count == 0 && Volatile.Read(ref _missed) == 0 && !mailbox.TryPeek(out _);

    /// <summary>Starts where a checkpoint stands.</summary>
    public void StartAt(Checkpoint checkpoint) => _positions[checkpoint.Spool] = checkpoint.Seq;

    /// <summary>The mailbox refused a batch: the table has to be read. Safe from any thread.</summary>
    public void Missed() => Volatile.Write(ref _missed, 1);

    /// <summary>The next events of one spool, ascending; empty when the reader is caught up.</summary>
    /// <exception cref="JournalException">The table cannot be read.</exception>
    public async Task<IReadOnlyList<StoredEvent>> NextAsync()
    {
        if (Interlocked.Exchange(ref _missed, 0) == 1)
            _behind.UnionWith(await journal.ReadSpoolsAsync(shard).ConfigureAwait(false));

        while (_behind.FirstOrDefault() is { } spool)
        {
            var events = await journal.ReadShardAsync(shard, spool, PositionIn(spool), most).ConfigureAwait(false);
            if (events.Count < most)
                _behind.Remove(spool);
            if (events.Count > 0)
            {
                _positions[spool] = events[^1].Seq;
                return events;
            }
        }

        var fresh = TakeFresh();
        return fresh.Count > 0 || _behind.Count == 0 ? fresh : await NextAsync().ConfigureAwait(false);
    }

    private List<StoredEvent> TakeFresh()
    {
        var taken = new List<StoredEvent>();
        while (taken.Count < most && mailbox.TryPeek(out var batch) && (taken.Count == 0 || taken[0].Spool == batch.Spool))
        {
            mailbox.TryTake(out _);
            if (batch.Events.Count == 0)
                continue;
            var position = PositionIn(batch.Spool);
            if (batch.Last <= position)
                continue;
            if (batch.Previous < 0 || batch.Previous > position)
            {
                // A batch before this one was refused: the table has both.
                _behind.Add(batch.Spool);
                break;
            }
            taken.AddRange(batch.Events.Where(e => e.Seq > position));
            _positions[batch.Spool] = batch.Last;
        }
        return taken;
    }

    private long PositionIn(string spool) => _positions.GetValueOrDefault(spool);
}
