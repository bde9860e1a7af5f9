using System.Globalization;
using FtpActors.Journal;
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
    private long _seq;

    public PlayedSessions(ShardOptions options)
    {
        Table = new SessionTable(options.IdleLimit);
        Sequencer = new Sequencer(options, Table.IsOpen, Apply);
    }

    public SessionTable Table { get; }
    public Sequencer Sequencer { get; }
    public List<FtpEvent> Passed { get; } = [];
    public IEnumerable<SessionRecord> Sessions => _sessions.Values;

    public void Offer(FtpEvent e, string spool = Spool) => Sequencer.Offer(new StoredEvent(spool, ++_seq, e));

    public void Collect()
    {
        foreach (var record in Table.TakeChanged())
            _sessions[record.Id] = record;
    }

    public IReadOnlyList<string> Summary() => Play.Summary(Sessions);

    private void Apply(StoredEvent stored)
    {
        Table.Apply(stored);
        Passed.Add(stored.Event);
        Collect();
    }
}
