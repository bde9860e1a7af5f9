using System.Globalization;
using System.Net;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

/// <summary>Tells a tracker what the inputs say, step by step, and keeps what it makes of it.</summary>
internal sealed class TrackerPlay
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_795_221_025);
    private readonly TrackerOptions _options;
    private SessionTracker _tracker;

    public TrackerPlay(bool pipe = false, bool altlog = false, bool trust = false, bool looked = true, bool scoreboard = false)
    {
        _options = new TrackerOptions { Host = "ftp1", Source = "pure", HasPipe = pipe, HasScoreboard = scoreboard, HasAltlog = altlog, TrustEnd = trust };
        _tracker = new SessionTracker(_options, new TrackerMemory { HasLooked = looked });
    }

    public DateTimeOffset Now { get; set; } = Start.AddMinutes(1);
    public List<FtpEvent> Events { get; } = [];
    public List<string> Texts => [.. Events.Select(TextOf)];
    public bool IsWaiting => _tracker.IsWaiting;

    public static ScoreboardEntry Entry(int pid, string account = "alice") => new()
    {
        State = ScoreboardState.Idle, Pid = pid, StartedAt = Start, TransferStartedAt = Start, Account = account,
        Peer = new IPEndPoint(IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"192.0.2.{pid}")), 50001), Local = new IPEndPoint(IPAddress.Loopback, 21),
    };

    public static ScoreboardEntry Uploading(int pid, string file, long position, int second = 5) => Idle(pid, position, second) with { State = ScoreboardState.Upload, File = file };

    /// <summary>After a transfer: the figures stay.</summary>
    public static ScoreboardEntry Idle(int pid, long position, int second = 5) =>
        Entry(pid) with { TransferStartedAt = Start.AddSeconds(second), CurrentSize = position, TotalSize = position };

    public static ScoreboardReading Reading(IReadOnlyList<ScoreboardEntry> sessions, IReadOnlyList<ScoreboardEntry>? ended = null) =>
        new(sessions, null, []) { Ended = ended ?? [] };

    public List<string> See(params ScoreboardEntry[] sessions) => Step(new TrackerInput(Now) { Reading = Reading(sessions) });

    public UploadNotice Notice(string path, long? size) => new(new UploadRecord("alice", path), Now, [], size);

    public List<string> Record(string path, long? size) => Step(new TrackerInput(Now) { Records = [Notice(path, size)] });

    public List<string> Line(string path, long bytes, bool upload, int? pid = null) => Step(new TrackerInput(Now)
    {
        Lines =
        [
            new LineNotice(
                new AltlogLine
                {
                    EndedAt = Start, IsUpload = upload, Account = "alice", Host = "host.example.org", Bytes = bytes, Path = path,
                    Session = pid is { } p ? PureFtpdSession.Id(Start, p) : null,
                },
                Now, bytes),
        ],
    });

    /// <summary>A line of a download.</summary>
    public LineNotice Notice(string path, long bytes, long size) =>
        new(new AltlogLine { EndedAt = Start, IsUpload = false, Account = "alice", Host = "host.example.org", Bytes = bytes, Path = path }, Now, size);

    public List<string> Wait(TimeSpan time)
    {
        Now += time;
        return Step(new TrackerInput(Now));
    }

    public List<string> Step(TrackerInput input)
    {
        var events = _tracker.Step(input);
        Events.AddRange(events);
        return [.. events.Select(TextOf)];
    }

    /// <summary>A kill: the next tracker has what was stored.</summary>
    public void Restart() => _tracker = new SessionTracker(_options, PureFtpdState.Decode(new PureFtpdState { Memory = _tracker.Memory }.Encode()).Memory);

    public static string TextOf(FtpEvent e)
    {
        var bytes = e.Bytes?.ToString(CultureInfo.InvariantCulture) ?? "-";
        return e.Kind switch
        {
            EventKind.Login => $"login {e.User}",
            EventKind.Logout => $"logout {Names.Of(e.Status)}",
            EventKind.Progress => e.Path is null ? $"progress {e.Type}" : $"progress {e.Type} {e.Path} {bytes}",
            _ => $"{Names.Of(e.Kind)} {e.Path} {bytes} {Names.Of(e.Status)}",
        };
    }
}
