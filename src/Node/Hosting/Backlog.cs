using FtpActors.Actors.Handlers;
using FtpActors.Ingest.Spooling;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>How far behind a node is: what its spool has not shipped, and what its handlers have not applied.</summary>
/// <param name="Spool">The spool; null without one.</param>
/// <param name="Handlers">The handlers; none without the role.</param>
internal sealed record Backlog(SpoolStatus? Spool, IReadOnlyList<HandlerStatus> Handlers)
{
    /// <summary>Events that are durable here and that no session has yet.</summary>
    public long Waiting => (Spool?.Backlog ?? 0) + Handlers.Sum(h => (long)h.Waiting);

    /// <summary>When the oldest of them was received; null when none waits.</summary>
    public DateTimeOffset? OldestWaiting => Handlers.Select(h => h.OldestWaiting).Append(Spool?.OldestWaiting).Min();

    /// <summary>Events of all spools since the journal was made.</summary>
    public long Events
    {
        get
        {
            var last = Handlers.SelectMany(h => h.Places).GroupBy(p => p.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Max(p => p.Value), StringComparer.Ordinal);
            if (Spool is not null)
                last[Spool.Spool] = Math.Max(Spool.LastSeq, last.GetValueOrDefault(Spool.Spool));
            return last.Values.Sum();
        }
    }

    /// <summary>Sessions that are open.</summary>
    public long OpenSessions => Handlers.Sum(h => (long)h.OpenSessions);

    /// <summary>Reads it.</summary>
    /// <exception cref="JournalUnavailableException">Spool or handlers do not answer.</exception>
    public static async Task<Backlog> ReadAsync(Engine engine, bool hasHandlers)
    {
        var spool = engine.Spool is { } s ? await s.ReadStatusAsync() : null;
        return new Backlog(spool, hasHandlers ? await engine.Handlers.ReadStatusAsync() : []);
    }
}
