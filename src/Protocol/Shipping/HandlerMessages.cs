namespace FtpActors.Protocol.Shipping;

/// <summary>A message for one handler, wherever that lives: what a shard region or a parent in the same process routes by.</summary>
public interface IForHandler
{
    /// <summary>Number of the handler, from 0.</summary>
    int Handler { get; }
}

/// <summary>
/// Events of one spool for one handler, in the order of the spool. Answered with <see cref="EventsStand"/> when the handler has them in its journal, or
/// when it cannot take them because it stands elsewhere.
/// </summary>
/// <param name="Handler">The handler.</param>
/// <param name="Spool">Id of the spool.</param>
/// <param name="Host">Name of the spool's host.</param>
/// <param name="Previous">Seq of the last event of that spool that was sent to this handler before; 0 when none was.</param>
/// <param name="Events">The events, ascending; may be empty when only the horizon moves.</param>
/// <param name="Horizon">Everything that the spool's sources received before this time is among these events or earlier ones; null when that is not known.</param>
public sealed record TakeEvents(int Handler, string Spool, string Host, long Previous, IReadOnlyList<StoredEvent> Events, DateTimeOffset? Horizon) : IForHandler;

/// <summary>Asks a handler where it stands in a spool; answered with <see cref="EventsStand"/>.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Spool">Id of the spool.</param>
public sealed record AskPosition(int Handler, string Spool) : IForHandler;

/// <summary>Where a handler's journal stands in a spool.</summary>
/// <param name="Handler">The handler.</param>
/// <param name="Spool">Id of the spool.</param>
/// <param name="Seq">Seq of the last event of that spool that is in the handler's journal; 0 when there is none.</param>
/// <param name="IsRefusal">The events that were sent do not follow on that seq, so they were not taken.</param>
public sealed record EventsStand(int Handler, string Spool, long Seq, bool IsRefusal = false);
