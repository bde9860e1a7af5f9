using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>
/// One session, from login or first sight to its end. It has no loop of its own: its events come through its shard, one at a time, and its
/// record is committed with the shard's step.
/// </summary>
internal sealed class SessionActor(SessionRecord record)
{
    private readonly SessionCount _count = new(record);

    /// <summary>The state.</summary>
    public SessionRecord Record { get; } = record;

    /// <summary>The next older open session of the same key, null mostly.</summary>
    public SessionActor? Older { get; set; }

    /// <summary>True while the record differs from the journal.</summary>
    public bool Changed { get; set; }

    /// <summary>Its transfers since it began, for rules that wait for its end; null when they were not kept.</summary>
    public List<SessionFile>? Files { get; set; }

    /// <summary>Begins a session with its first event.</summary>
    public static SessionActor Begin(StoredEvent stored, SessionKey key) => new(Session.RecordOf(stored, key));

    /// <summary>Counts an event of this session.</summary>
    public void Apply(FtpEvent e) => _count.Count(e);

    /// <summary>Ends the session.</summary>
    public void Close(DateTimeOffset at, SessionEnded how) => _count.Close(at, how);
}
