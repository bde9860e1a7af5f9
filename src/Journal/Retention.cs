namespace FtpActors.Journal;

/// <summary>How old things leave a journal. Nothing that is still needed goes: no event that was not applied, no open session, nothing that is owed.</summary>
public interface IRetention
{
    /// <summary>Drops applied events that were received before a time; an engine that keeps days drops whole days (UTC) that ended before it.</summary>
    /// <returns>What was dropped, in words for the log; null when nothing was.</returns>
    /// <exception cref="JournalUnavailableException">Tried again later; what was dropped before stays dropped.</exception>
    Task<string?> DropEventsAsync(DateTimeOffset before, CancellationToken cancel);

    /// <summary>Drops sessions that ended before a time.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="JournalUnavailableException">As above.</exception>
    Task<long> DropSessionsAsync(DateTimeOffset before, CancellationToken cancel);

    /// <summary>Drops deliveries that were done or taken off before a time, with their tries. Dead letters stay: they wait for a person.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="JournalUnavailableException">As above.</exception>
    Task<long> DropDeliveriesAsync(DateTimeOffset before, CancellationToken cancel);
}
