using FtpActors.Actors;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary>
/// The open sessions as they change, for all who watch: read at most once a second, however many watch, and each is told only what is new to it. Safe from any thread.
/// </summary>
internal sealed class LiveSessions(FtpNode node) : IDisposable
{
    /// <summary>How often a watcher is told.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // Ended sessions that a watcher who was away may still be told of one by one; after more it is told everything anew.
    private const int MostGone = 20_000;

    // A version says nothing to another process.
    private readonly string _life = Guid.NewGuid().ToString("N")[..8];
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Dictionary<string, (SessionRecord Session, long Version)> _open = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Version)> _gone = new();
    private long _version;
    private long _forgotten;
    private DateTimeOffset _readAt;

    /// <summary>What has changed since an id that this gave; everything when it is none.</summary>
    /// <exception cref="System.Data.Common.DbException">The history cannot be read.</exception>
    public async Task<LiveChange> ReadAsync(string? since, CancellationToken cancel)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            if (node.Time.GetUtcNow() - _readAt >= Every * 0.9)
                await RefreshAsync(cancel);
            var known = since?.Split('-') is [var life, var text] && life == _life && long.TryParse(text, out var version) && version >= _forgotten ? version : -1;
            return new LiveChange(
                $"{_life}-{_version}", known < 0, [.. _open.Values.Where(o => o.Version > known).Select(o => o.Session)],
                known < 0 ? [] : [.. _gone.Where(g => g.Version > known).Select(g => g.Id)]);
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task RefreshAsync(CancellationToken cancel)
    {
        var now = new List<SessionRecord>();
        await foreach (var session in node.Engine.History.QuerySessionsAsync(new SessionQuery { Open = true }, cancel))
            now.Add(session);
        _readAt = node.Time.GetUtcNow();
        var next = _version + 1;
        var seen = new HashSet<string>(now.Count, StringComparer.Ordinal);
        foreach (var session in now)
        {
            seen.Add(session.Id);
            if (!_open.TryGetValue(session.Id, out var had) || had.Session != session)
            {
                _open[session.Id] = (session, next);
                _version = next;
            }
        }
        foreach (var id in _open.Keys.Where(id => !seen.Contains(id)).ToList())
        {
            _open.Remove(id);
            _gone.Enqueue((id, next));
            _version = next;
        }
        while (_gone.Count > MostGone)
            _forgotten = _gone.Dequeue().Version;
    }
}

/// <summary>What a watcher is told.</summary>
/// <param name="Id">By what it goes on.</param>
/// <param name="IsAll">Everything else it knows is gone.</param>
/// <param name="Put">Sessions that are new or have changed.</param>
/// <param name="Gone">Ids of sessions that have ended.</param>
internal sealed record LiveChange(string Id, bool IsAll, IReadOnlyList<SessionRecord> Put, IReadOnlyList<string> Gone);
