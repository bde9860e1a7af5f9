using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Ingest.Spooling;

/// <summary>What a spool knows: pure, a function of the rows of its journal.</summary>
/// <param name="patterns">Globs of temporary names of uploads.</param>
internal sealed class SpoolState(IReadOnlyList<Glob> patterns)
{
    // So many batches at least are handed over before one of them is handed over again: a source has a few on their way.
    private const int MostParts = 1024;

    private readonly Dictionary<string, byte[]> _bookmarks = new(StringComparer.Ordinal);
    private readonly Dictionary<long, SpooledPart> _parts = [];
    private readonly Queue<long> _partOrder = new();
    private readonly Dictionary<string, FinalNames> _names = new(StringComparer.Ordinal);

    /// <summary>Random id, 16 lower-case hex digits; "" before it is made.</summary>
    public string Spool { get; private set; } = "";

    /// <summary>Seq of the last event.</summary>
    public long LastSeq { get; private set; }

    /// <summary>Number of the last quarantined message.</summary>
    public long LastQuarantined { get; private set; }

    /// <summary>A source's bookmark; null when there is none.</summary>
    public byte[]? BookmarkOf(string source) => _bookmarks.GetValueOrDefault(source);

    /// <summary>A batch that is stored already; null when it is not, or was long ago.</summary>
    public SpooledPart? Find(long id) => _parts.GetValueOrDefault(id);

    /// <summary>The events of a batch as they are to be stored: with the final names of uploads. What it remembers goes with the row; when that fails, a new state is made.</summary>
    public IReadOnlyList<FtpEvent> WithFinalNames(string source, IReadOnlyList<FtpEvent> events) => NamesOf(source).Take(events);

    /// <summary>Takes a row in.</summary>
    public void Apply(BatchSpooled row)
    {
        (Spool, LastSeq) = (row.Spool, row.LastSeq);
        if (row.Quarantined.Count > 0)
            LastQuarantined = row.Quarantined[^1].Id;
        foreach (var bookmark in row.Bookmarks)
            _bookmarks[bookmark.Source] = bookmark.State;
        foreach (var part in row.Parts)
            Remember(part);
    }

    /// <summary>Takes a row of the time before this process in.</summary>
    public void Recover(BatchSpooled row)
    {
        Apply(row);
        foreach (var e in row.Events)
            NamesOf(e.Source).Remember(e);
    }

    /// <summary>As it is now.</summary>
    public SpoolSnapshot Snapshot(long shippedRow, long shippedSeq) => new(
        Spool, LastSeq, shippedRow, shippedSeq, LastQuarantined, [.. _bookmarks.Select(b => new Bookmark(b.Key, b.Value))], [.. _partOrder.Select(id => _parts[id])],
        [.. _names.Where(n => n.Value.Uploads.Count > 0).Select(n => (n.Key, n.Value.Uploads))]);

    /// <summary>Goes on from a snapshot; before the first row.</summary>
    public void Restore(SpoolSnapshot snapshot)
    {
        (Spool, LastSeq, LastQuarantined) = (snapshot.Spool, snapshot.LastSeq, snapshot.LastQuarantined);
        foreach (var bookmark in snapshot.Bookmarks)
            _bookmarks[bookmark.Source] = bookmark.State;
        foreach (var part in snapshot.Parts)
            Remember(part);
        foreach (var (source, events) in snapshot.Uploads)
        {
            foreach (var e in events)
                NamesOf(source).Remember(e);
        }
    }

    private void Remember(SpooledPart part)
    {
        if (_parts.TryAdd(part.Id, part))
            _partOrder.Enqueue(part.Id);
        if (_partOrder.Count > MostParts)
            _parts.Remove(_partOrder.Dequeue());
    }

    private FinalNames NamesOf(string source)
    {
        if (!_names.TryGetValue(source, out var names))
            _names.Add(source, names = new FinalNames(patterns));
        return names;
    }
}
