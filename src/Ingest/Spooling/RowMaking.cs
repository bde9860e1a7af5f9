using FtpActors.Protocol;

namespace FtpActors.Ingest.Spooling;

/// <summary>Makes one row of a spool of what waits for it: pure.</summary>
/// <param name="state">What the spool knows.</param>
/// <param name="count">Events and messages that will come, for the size of the lists.</param>
internal sealed class RowMaking(SpoolState state, int count)
{
    private readonly List<FtpEvent> _events = new(count);
    private readonly List<QuarantineEntry> _quarantined = [];
    private readonly Dictionary<string, byte[]> _bookmarks = new(StringComparer.Ordinal);
    private readonly List<long> _released = [];
    private readonly List<SpooledPart> _parts = [];

    /// <summary>What was added.</summary>
    public BatchSpooled Row => new(
        state.Spool, state.LastSeq + 1, _events, _quarantined, [.. _bookmarks.Select(b => new Bookmark(b.Key, b.Value))], _released, _parts);

    private long NextSeq => state.LastSeq + _events.Count + 1;

    /// <summary>Adds a batch, unless it is stored already.</summary>
    /// <returns>What its source is to be told.</returns>
    public Appended Add(Append append)
    {
        if (Find(append.Id) is { } known)
            return new Appended(known.FirstSeq);
        var (batch, first) = (append.Batch, NextSeq);
        _events.AddRange(state.WithFinalNames(batch.Source, batch.Events));
        foreach (var message in batch.Quarantined)
            _quarantined.Add(new QuarantineEntry(state.LastQuarantined + _quarantined.Count + 1, message));
        if (batch.SourceState is { } bookmark)
            _bookmarks[batch.Source] = bookmark;
        _parts.Add(new SpooledPart(append.Id, first));
        return new Appended(first);
    }

    /// <summary>Adds the event that a quarantined message has become, unless that is done already.</summary>
    /// <returns>What the one who released it is to be told.</returns>
    public Appended Add(Release release)
    {
        // No batch has a negative id.
        var id = -release.Message;
        if (Find(id) is { } known)
            return new Appended(known.FirstSeq);
        var first = NextSeq;
        _events.Add(release.Event);
        _released.Add(release.Message);
        _parts.Add(new SpooledPart(id, first));
        return new Appended(first);
    }

    private SpooledPart? Find(long id) => state.Find(id) ?? _parts.Find(p => p.Id == id);
}
