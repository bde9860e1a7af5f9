using System.Globalization;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Sessions;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

/// <summary>Events for tests, and what the sessions of a list of events are.</summary>
internal static class Play
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static FtpEvent Event(EventKind kind, double atMs, string user = "anna", string? path = null, long? bytes = null,
        EventStatus status = EventStatus.Ok, DateTimeOffset? time = null, double? seconds = null, bool udp = false, string? session = null)
    {
        var e = new FtpEvent
        {
            ReceivedAt = Start.AddMilliseconds(atMs), Kind = kind, Host = "ftp1", Source = "test", Service = "site", User = user,
            RemoteHost = "10.0.0.1", Path = path, Bytes = bytes, Status = status, Time = time, Seconds = seconds, Session = session,
        };
        return udp ? e with { Fingerprint = Fingerprint(e) } : e;
    }

    /// <summary>Stands for the digest of the datagram: equal where all that a datagram carries is equal.</summary>
    public static string Fingerprint(FtpEvent e) =>
        string.Create(CultureInfo.InvariantCulture, $"{e.Kind}|{e.User}|{e.Path}|{e.Bytes}|{e.Time:O}|{e.Seconds}");

    /// <summary>Everything of sessions that does not depend on when a message arrived, sorted.</summary>
    public static IReadOnlyList<string> Summary(IEnumerable<SessionRecord> sessions) =>
    [
        .. sessions.GroupBy(s => s.User).SelectMany(g => g.OrderBy(s => s.OpenedAt).Select((s, i) => string.Create(
            CultureInfo.InvariantCulture,
            $"{s.User}#{i} {s.Began} {s.Ended} {s.Certainty} {s.Path} u{s.Uploads}/{s.BytesUp} d{s.Downloads}/{s.BytesDown} f{s.Failures} x{s.Deletes} m{s.Mkdirs} r{s.Renames} o{s.Other}"))).Order(StringComparer.Ordinal),
    ];

    /// <summary>Applies events in the given order of arrival, through a sequencer, as a shard does.</summary>
    public static PlayedSessions Run(IEnumerable<FtpEvent> events, ShardOptions? options = null)
    {
        options ??= new ShardOptions();
        var played = new PlayedSessions(options);
        foreach (var e in events)
            played.Offer(e);
        played.Sequencer.Advance(_ => DateTimeOffset.MaxValue);
        return played;
    }
}

/// <summary>A sequencer, its sessions and what passed.</summary>
internal sealed class PlayedSessions
{
    public const string Spool = "0011223344556677";

    private readonly Dictionary<string, SessionRecord> _sessions = [];
    private readonly RecoveringSessions _open = new();
    private long _seq;
    private long _row;

    public PlayedSessions(ShardOptions options)
    {
        Router = new SessionRouter(options.IdleLimit);
        Sequencer = new Sequencer(options, Router.IsOpen, Apply);
    }

    public SessionRouter Router { get; }
    public Sequencer Sequencer { get; }
    public List<FtpEvent> Passed { get; } = [];
    public IEnumerable<SessionRecord> Sessions => _sessions.Values;

    public void Offer(FtpEvent e, string spool = Spool) => Sequencer.Offer(new StoredEvent(spool, ++_seq, e));

    /// <summary>Whether a session ended.</summary>
    public bool EndIdle(Func<string, DateTimeOffset> now)
    {
        var work = new RowWork(++_row);
        Router.EndIdle(now, work);
        Do(work);
        return work.Ended.Count > 0;
    }

    public IReadOnlyList<string> Summary() => Play.Summary(Sessions);

    private void Apply(StoredEvent stored)
    {
        var work = new RowWork(++_row);
        Router.Apply(stored, work);
        Do(work);
        Passed.Add(stored.Event);
    }

    private void Do(RowWork work)
    {
        foreach (var outcome in _open.Do(work, keepFiles: false))
            _sessions[outcome.Record.Id] = outcome.Record;
    }
}
