using Akka.Actor;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Handlers;

/// <summary>
/// Events that wait for a handler's next row: what comes while a write is out is the next write. Bounded by the senders, each of which has so many unanswered at most.
/// </summary>
internal sealed class TakeBuffer
{
    private readonly Queue<(TakeEvents Take, IActorRef Sender)> _waiting = new();
    private readonly Dictionary<string, long> _ends = new(StringComparer.Ordinal);

    /// <summary>Events that wait.</summary>
    public int Events { get; private set; }

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>When the oldest event that waits was received; null when none does.</summary>
    public DateTimeOffset? OldestReceived => _waiting.SelectMany(w => w.Take.Events).FirstOrDefault()?.Event.ReceivedAt;

    /// <summary>Where a spool stands when everything that waits is in the journal; null when nothing of it does.</summary>
    public long? EndOf(string spool) => _ends.TryGetValue(spool, out var end) ? end : null;

    /// <summary>Adds events that follow on those before.</summary>
    public void Add(TakeEvents take, IActorRef sender)
    {
        _waiting.Enqueue((take, sender));
        if (take.Events.Count > 0)
            _ends[take.Spool] = take.Events[^1].Seq;
        Events += take.Events.Count;
    }

    /// <summary>Takes what the next row holds.</summary>
    /// <param name="most">Most events, as far as whole messages go; at least one message is taken.</param>
    /// <param name="answers">Whom to tell when it is in the journal, and what.</param>
    public IReadOnlyList<SpoolPart> Next(int most, List<(IActorRef To, EventsStand Answer)> answers)
    {
        var parts = new List<SpoolPart>();
        var events = 0;
        while (_waiting.TryPeek(out var next) && (parts.Count == 0 || events + next.Take.Events.Count <= most))
        {
            var (take, sender) = _waiting.Dequeue();
            events += take.Events.Count;
            if (take.Events.Count > 0)
                answers.Add((sender, new EventsStand(take.Handler, take.Spool, take.Events[^1].Seq)));
            Add(parts, take);
        }
        Events -= events;
        if (IsEmpty)
            _ends.Clear();
        return parts;
    }

    // Messages of one spool that follow each other are one part.
    private static void Add(List<SpoolPart> parts, TakeEvents take)
    {
        if (parts is [.., var last] && last.Spool == take.Spool)
            parts[^1] = last with { Events = [.. last.Events, .. take.Events], Horizon = take.Horizon ?? last.Horizon };
        else
            parts.Add(new SpoolPart(take.Spool, take.Host, take.Horizon, take.Events));
    }
}
