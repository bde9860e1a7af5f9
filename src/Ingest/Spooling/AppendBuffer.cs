using Akka.Actor;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Spooling;

/// <summary>Batches that wait for a spool's next row: what arrives while a write is out is the next write. Bounded by the sources, each of which has a few on their way.</summary>
internal sealed class AppendBuffer
{
    private readonly List<(IActorRef From, object Message)> _waiting = [];

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Events and messages that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a batch; its sender is answered when it is durable.</summary>
    public void Add(Append append, IActorRef from)
    {
        _waiting.Add((from, append));
        Count += append.Batch.Events.Count + append.Batch.Quarantined.Count;
    }

    /// <summary>Adds the event that a quarantined message has become.</summary>
    public void Add(Release release, IActorRef from)
    {
        _waiting.Add((from, release));
        Count++;
    }

    /// <summary>Takes everything as one row.</summary>
    /// <param name="state">What the spool knows: gives events their seqs and final names, and messages their numbers.</param>
    /// <param name="answers">Whom to answer when it is durable.</param>
    public BatchSpooled Take(SpoolState state, out IReadOnlyList<(IActorRef To, object Answer)> answers)
    {
        var events = new List<FtpEvent>(Count);
        var quarantined = new List<QuarantineEntry>();
        var bookmarks = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var released = new List<long>();
        var told = new List<(IActorRef, object)>(_waiting.Count);
        foreach (var (from, message) in _waiting)
        {
            if (message is Release release)
            {
                events.Add(release.Event);
                released.Add(release.Id);
                told.Add((from, new Released(IsDone: true)));
                continue;
            }
            var batch = ((Append)message).Batch;
            told.Add((from, new Appended(state.LastSeq + events.Count + 1)));
            events.AddRange(state.WithFinalNames(batch.Source, batch.Events));
            foreach (var undecoded in batch.Quarantined)
                quarantined.Add(new QuarantineEntry(state.LastQuarantined + quarantined.Count + 1, undecoded));
            if (batch.SourceState is { } bookmark)
                bookmarks[batch.Source] = bookmark;
        }
        Clear();
        answers = told;
        return new BatchSpooled(state.Spool, state.LastSeq + 1, events, quarantined, [.. bookmarks.Select(b => new Bookmark(b.Key, b.Value))], released);
    }

    /// <summary>Nothing of it will be stored.</summary>
    public void Refuse(NotAppended answer)
    {
        foreach (var (from, _) in _waiting)
            from.Tell(answer);
        Clear();
    }

    private void Clear()
    {
        _waiting.Clear();
        Count = 0;
    }
}
