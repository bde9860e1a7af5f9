using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Sessions;

namespace FtpActors.Actors.Handlers;

/// <summary>Where a handler stands in a spool.</summary>
/// <param name="Spool">Id of the spool.</param>
/// <param name="Host">Name of its host.</param>
/// <param name="Seq">Last seq that is in the handler's journal.</param>
internal sealed record SpoolPlace(string Spool, string Host, long Seq);

/// <summary>All that a handler is after a row of its journal, so that a recovery need not begin at the first row.</summary>
internal sealed record HandlerSnapshot
{
    /// <summary>Rows up to which deliveries were planned.</summary>
    public required long PlannedUpTo { get; init; }

    /// <summary>Where it stands in each spool.</summary>
    public required IReadOnlyList<SpoolPlace> Places { get; init; }

    /// <summary>When it last looked for idle sessions of a host, by that host's time.</summary>
    public required IReadOnlyList<(string Host, DateTimeOffset At)> IdleLooks { get; init; }

    /// <summary>What the sequencer holds and remembers.</summary>
    public required SequencerSnapshot Sequencer { get; init; }

    /// <summary>Open sessions, in the order they opened.</summary>
    public required IReadOnlyList<SessionSnapshot> Sessions { get; init; }

    /// <summary>Deliveries that are not done.</summary>
    public required DeliveryBookSnapshot Deliveries { get; init; }

    /// <summary>How far replays have come.</summary>
    public required IReadOnlyList<ReplayPlace> Replays { get; init; }

    /// <summary>Duplicates that were dropped since the journal was made.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Events that were put back in order since the journal was made.</summary>
    public required long Reordered { get; init; }

    /// <summary>Rows that could not be read since the journal was made.</summary>
    public required long Damaged { get; init; }
}
