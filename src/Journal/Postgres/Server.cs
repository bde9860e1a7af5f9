using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// The database of a journal. Where the connection names several servers it is the primary with the highest timeline: after a failover there
/// may be two that say they are one. A watch looks for a newer one over new connections, because an open one stays with the old server.
/// </summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Site[] _sites;
    private readonly SemaphoreSlim _choosing = new(1, 1);
    private readonly CancellationTokenSource _end = new();
    private Task _watching = Task.CompletedTask;
    private Site? _site;
    private int _timeline;

    private Server(Site[] sites) => _sites = sites;

    /// <summary>Server and database for messages; never user secrets.</summary>
    public string Where => (Volatile.Read(ref _site) ?? _sites[0]).Where;

    /// <summary>The highest timeline that was seen. Whatever is held on a lower one is held on a server that has been replaced.</summary>
    public int Timeline => Volatile.Read(ref _timeline);

    /// <summary>System that the journal belongs to: servers of others are not used. Null while that is not known.</summary>
    public string? System { get; set; }

    /// <exception cref="JournalUnusableException">The connection string is not one.</exception>
    public static Server For(string connection)
    {
        try
        {
            return new Server(Site.AllOf(connection));
        }
        catch (Exception e) when (e is ArgumentException or FormatException or NotSupportedException or InvalidOperationException)
        {
            // The string itself has the password and is not shown.
            throw new JournalUnusableException(
                $"The connection of the journal is not understood: {e.Message} It should look like Host=db;Database=ftpactors;Username=ftpactors;Password=….");
        }
    }

    /// <summary>Runs a read, or statements that are each their own transaction, on a connection of the pool.</summary>
    public Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancel = default) => UseAsync(async site =>
    {
        await using var connection = await site.Pool.OpenConnectionAsync(cancel).ConfigureAwait(false);
        return await read(connection).ConfigureAwait(false);
    });

    /// <summary>Runs one transaction on a connection of the pool: committed when it returns, taken back when it throws.</summary>
    public Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancel = default) => ReadAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        var answer = await write(connection).ConfigureAwait(false);
        await transaction.CommitAsync().ConfigureAwait(false);
        return answer;
    }, cancel);

    /// <summary>Opens a connection that no pool knows: it ends when it is disposed, and what it holds ends with it.</summary>
    /// <param name="name">Shown in pg_stat_activity.</param>
    /// <param name="lease">Silence after which the server ends it; null for no such limit.</param>
    /// <exception cref="JournalException">It cannot be opened.</exception>
    public Task<NpgsqlConnection> OpenOwnAsync(string name, TimeSpan? lease) => UseAsync(site => site.OpenOwnAsync(name, lease));

    /// <summary>Looks every period whether a newer primary is there, until the end.</summary>
    public void Watch(TimeSpan period) => _watching = Task.Run(async () =>
    {
        using var timer = new PeriodicTimer(period);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
            {
                try
                {
                    await ChooseAsync().ConfigureAwait(false);
                }
                catch (JournalException)
                {
                    // No primary at the moment: whoever needs one is told so.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The journal is being closed.
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        foreach (var site in _sites)
            await site.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
        _choosing.Dispose();
    }

    private async Task<T> UseAsync<T>(Func<Site, Task<T>> use)
    {
        var site = Volatile.Read(ref _site) ?? await ChooseAsync().ConfigureAwait(false);
        try
        {
            return await use(site).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            // The next one asks all of them who is the primary now.
            if (_sites.Length > 1 && !PostgresFailure.SparesSession(e))
                Interlocked.CompareExchange(ref _site, null, site);
            throw PostgresFailure.ForCaller(e, site.Where);
        }
    }

    /// <exception cref="JournalException">None of the servers is a primary that can be used.</exception>
    private async Task<Site> ChooseAsync()
    {
        await _choosing.WaitAsync().ConfigureAwait(false);
        try
        {
            var answers = await Task.WhenAll(_sites.Select(AskAsync)).ConfigureAwait(false);
            var primaries = answers.Where(a => a.Identity is not null).OrderByDescending(a => a.Identity!.Timeline).ToList();
            if (primaries.Count == 0)
                throw Failure([.. answers.Select(a => a.Failure!)]);
            var (site, timeline) = (primaries[0].Site, primaries[0].Identity!.Timeline);
            if (timeline < Timeline)
            {
                throw new JournalUnavailableException(
                    $"{site.Where} is a primary that another has replaced: it is on timeline {timeline}, the new one, which cannot be reached, "
                    + $"on {Timeline}. Nothing is written to the old one. Stop it, and bring the new one back.");
            }
            // Idle connections of the pool may still lead to the server that was there before.
            if (timeline > Timeline)
                site.Pool.Clear();
            Volatile.Write(ref _timeline, timeline);
            Volatile.Write(ref _site, site);
            return site;
        }
        finally
        {
            _choosing.Release();
        }
    }

    private async Task<(Site Site, ServerIdentity? Identity, JournalException? Failure)> AskAsync(Site site)
    {
        try
        {
            var identity = await site.AskAsync().ConfigureAwait(false);
            if (identity.IsStandby)
                return (site, null, PostgresFailure.Standby(site.Where));
            // With one server there is no choice, and its schema check explains more.
            if (_sites.Length > 1 && System is { } own && identity.System is { } other && own != other)
                return (site, null, new JournalUnusableException($"{site.Where} is another system ({other}) than the one of this journal ({own})."));
            return (site, identity, null);
        }
        catch (JournalException e)
        {
            return (site, null, e);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            return (site, null, PostgresFailure.ForCaller(e, site.Where));
        }
    }

    // A server that cannot be reached may be the primary that is missing.
    private static JournalException Failure(IReadOnlyList<JournalException> failures)
    {
        if (failures.Count == 1)
            return failures[0];
        var all = string.Join(" ", failures.Select(f => f.Message));
        return failures.Any(f => f is JournalUnavailableException)
            ? new JournalUnavailableException($"None of the {failures.Count} servers of the connection is a primary that can be used. {all}")
            : new JournalUnusableException($"None of the {failures.Count} servers of the connection is a primary that can be used. {all}");
    }
}
