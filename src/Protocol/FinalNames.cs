using FtpActors.Protocol.Globs;

namespace FtpActors.Protocol;

/// <summary>
/// Clients upload under a temporary name and rename when the file is whole (WinSCP's <c>.filepart</c>, lftp's <c>.in.</c>, browsers' <c>.part</c>). Such an upload is
/// marked as <see cref="EventFlags.Temporary"/>, and behind its rename comes the same upload under its final name, with <see cref="FtpEvent.PathFrom"/>: the one
/// that rules see. One source's events, in order; pure. A rename of anything else adds nothing.
/// </summary>
/// <param name="patterns">Globs of temporary names; none turns it off.</param>
public sealed class FinalNames(IReadOnlyList<Glob> patterns)
{
    /// <summary>The patterns of a site that names none.</summary>
    public static readonly IReadOnlyList<string> Defaults = ["*.part", "*.filepart", "*.tmp", "*.uploading", ".in.*", ".~tmp~*", "*.crdownload"];

    /// <summary>Uploads that wait for their rename, at most; beyond it the oldest is forgotten and stays under its temporary name. Bounds the memory.</summary>
    public const int Most = 4096;

    /// <summary>An upload whose rename comes later than this was finished long ago.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>By UDP a rename may come before its upload; longer than any reorder window that makes sense.</summary>
    private static readonly TimeSpan LongestDisorder = TimeSpan.FromSeconds(10);

    private readonly Waiting _uploads = new();
    private readonly Waiting _renames = new();

    /// <summary>Uploads that wait for their rename, oldest first: remembered one after the other, they make another one wait for the same.</summary>
    public IReadOnlyList<FtpEvent> Uploads => _uploads.Events;

    /// <summary>The events as they are to be stored, in order.</summary>
    public IReadOnlyList<FtpEvent> Take(IReadOnlyList<FtpEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (patterns.Count == 0 || !events.Any(e => e.Kind is EventKind.Upload or EventKind.Rename))
            return events;
        var all = new List<FtpEvent>(events.Count);
        foreach (var e in events)
            Take(e, all);
        return all;
    }

    /// <summary>Remembers a stored event of the time before: an upload that may still wait for its rename, or a rename that has come. Oldest first.</summary>
    public void Remember(FtpEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        if (e is { Kind: EventKind.Upload, Path: { } path } && e.Flags.HasFlag(EventFlags.Temporary))
            _uploads.Add(path, e);
        else if (e is { Kind: EventKind.Rename, Path: { } old })
            _uploads.Take(old, e, Longest);
    }

    private void Take(FtpEvent e, List<FtpEvent> all)
    {
        if (e is { Kind: EventKind.Upload, Path: { } path, PathFrom: null } && IsTemporary(path) && !e.Flags.HasFlag(EventFlags.Late))
        {
            var upload = e with { Flags = e.Flags | EventFlags.Temporary };
            all.Add(upload);
            if (e.Fingerprint is not null && _renames.Take(path, e, LongestDisorder) is { } early)
                all.Add(Final(upload, early));
            else
                _uploads.Add(path, upload);
            return;
        }
        all.Add(e);
        if (e is not { Kind: EventKind.Rename, Path: { } old, PathTo: { } to, Status: EventStatus.Ok or EventStatus.Unknown })
            return;
        if (_uploads.Take(old, e, Longest) is not { } waiting)
        {
            if (e.Fingerprint is not null && IsTemporary(old))
                _renames.Add(old, e);
        }
        else if (e.Flags.HasFlag(EventFlags.Late))
        {
            // The upload was told under its final name by another source.
        }
        else if (IsTemporary(to))
        {
            _uploads.Add(to, waiting with { Path = to });
        }
        else
        {
            all.Add(Final(waiting, e));
        }
    }

    private bool IsTemporary(string path) => patterns.Any(p => p.IsMatch(path));

    // A fingerprint of its own: by it the sequencer keeps it behind the login that it would else overtake.
    private static FtpEvent Final(FtpEvent upload, FtpEvent rename) => upload with
    {
        ReceivedAt = rename.ReceivedAt, Path = rename.PathTo, PathFrom = rename.Path, Flags = upload.Flags & ~EventFlags.Temporary,
        Fingerprint = rename.Fingerprint is { } fingerprint ? fingerprint + "+" : null,
    };

    /// <summary>Events by session and path, the newest of each.</summary>
    private sealed class Waiting
    {
        private readonly Dictionary<(SessionKey, string), FtpEvent> _events = [];

        public IReadOnlyList<FtpEvent> Events => [.. _events.Values.OrderBy(e => e.ReceivedAt)];

        public void Add(string path, FtpEvent e)
        {
            _events[(SessionKey.Of(e), path)] = e;
            if (_events.Count > Most)
                _events.Remove(_events.MinBy(w => w.Value.ReceivedAt).Key);
        }

        public FtpEvent? Take(string path, FtpEvent other, TimeSpan longest) =>
            _events.Remove((SessionKey.Of(other), path), out var e) && (other.ReceivedAt - e.ReceivedAt).Duration() <= longest ? e : null;
    }
}
