using System.Security.Cryptography;

namespace FtpActors.Node.Access;

/// <summary>
/// The tokens in force. The file is looked at again at every request and every second: what was revoked is good for nothing from then on, and answers that run for it end. A file
/// that cannot be read makes all tokens invalid. Safe from any thread.
/// </summary>
internal sealed class TokenBook : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly PeriodicTimer _timer;
    private readonly Task _looking;
    private volatile Entry[] _entries = [];
    private FileState? _seen;

    public TokenBook(string file, TimeProvider time, ILogger log)
    {
        (_file, _time, _log) = (file, time, log);
        Refresh();
        _timer = new PeriodicTimer(Look, time);
        _looking = LookAsync();
    }

    /// <summary>Number of tokens in force.</summary>
    public int Count => _entries.Length;

    /// <summary>The token of a secret and what ends when it is revoked; null when it is none that is valid.</summary>
    public (Token Token, CancellationToken Revoked)? Find(string secret)
    {
        Refresh();
        var hash = Token.HashOf(secret);
        Entry? found = null;
        // All are compared, each in constant time: how long it takes says nothing of them.
        foreach (var entry in _entries)
        {
            if (CryptographicOperations.FixedTimeEquals(entry.Token.Hash, hash))
                found = entry;
        }
        return found is null || found.Token.IsExpired(_time.GetUtcNow()) ? null : (found.Token, found.Revoked.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _looking;
    }

    private async Task LookAsync()
    {
        while (await _timer.WaitForNextTickAsync())
            Refresh();
    }

    private void Refresh()
    {
        Entry[] gone;
        lock (_gate)
        {
            var state = FileState.Of(_file);
            var now = _time.GetUtcNow();
            var tokens = state == _seen ? [.. _entries.Select(e => e.Token)] : Read();
            var valid = tokens.Where(t => !t.IsExpired(now)).ToList();
            if (state != _seen && _seen is not null)
                _log.TokensRead(valid.Count);
            _seen = state;
            var old = _entries;
            if (valid.Count == old.Length && valid.Zip(old, (token, entry) => ReferenceEquals(token, entry.Token)).All(same => same))
                return;
            _entries = [.. valid.Select(t => old.FirstOrDefault(e => IsSame(e.Token, t)) ?? new Entry(t, new CancellationTokenSource()))];
            gone = [.. old.Except(_entries)];
        }
        foreach (var entry in gone)
            entry.Revoked.Cancel();
    }

    private static bool IsSame(Token a, Token b) => a.Hash.AsSpan().SequenceEqual(b.Hash) && a.Role == b.Role && a.Name == b.Name && a.ExpiresAt == b.ExpiresAt;

    private IReadOnlyList<Token> Read()
    {
        try
        {
            return TokenFile.Read(_file);
        }
        catch (TokenFileException e)
        {
            _log.TokensNotRead(e.Message);
            return [];
        }
    }

    private sealed record Entry(Token Token, CancellationTokenSource Revoked);
}
