using Akka.Actor;

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
    /// <param name="state">What the spool knows: gives events their seqs and final names, messages their numbers, and tells what is stored already.</param>
    /// <param name="answers">Whom to answer when it is durable.</param>
    public BatchSpooled Take(SpoolState state, out IReadOnlyList<(IActorRef To, Appended Answer)> answers)
    {
        var row = new RowMaking(state, Count);
        var told = new List<(IActorRef, Appended)>(_waiting.Count);
        foreach (var (from, message) in _waiting)
            told.Add((from, message is Release release ? row.Add(release) : row.Add((Append)message)));
        Clear();
        answers = told;
        return row.Row;
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
