using System.Diagnostics;

namespace FtpActors.Journal.Postgres;

/// <summary>One host's deliveries for one run of its node: claims in the rows, renewed three times in a lease.</summary>
internal sealed class HostDeliveries : IHostDeliveries
{
    private readonly Server _server;
    private readonly PostgresJournalOptions _options;
    private readonly string _host;
    private readonly Action<HostDeliveries> _closed;
    private readonly Guid _run = Guid.NewGuid();
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly Task _renewing;
    // What runs, and what was claimed by the last look: bounded by the slots of the caller.
    private HashSet<long> _held = [];
    private long _asked;
    private int _disposed;

    public HostDeliveries(Server server, PostgresJournalOptions options, string host, Action due, Action<HostDeliveries> closed)
    {
        (_server, _options, _host, _closed, Due) = (server, options, host, closed, due);
        _renewing = Task.Run(RenewAsync);
    }

    public Action Due { get; }

    /// <summary>Something became due for that host; null when it may have for any.</summary>
    public bool IsFor(string? host) => host is null || host == _host;

    public async Task<IReadOnlyList<DeliveryRecord>> ReadDueAsync(
        int shard, string node, DateTimeOffset now, IReadOnlySet<long> running, IReadOnlyList<string> busyRules, int limit)
    {
        var asked = Stopwatch.GetTimestamp();
        var claimed = await _server.ReadAsync(connection => connection.ReadAsync(
            DeliveryRow.Read, SqlTexts.ClaimDue, _host, _run, _options.Lease, now, running.ToArray(), busyRules.ToArray(), limit)).ConfigureAwait(false);
        Volatile.Write(ref _asked, asked);
        lock (_gate)
            _held = [.. running, .. claimed.Select(d => d.Id)];
        return [.. claimed.OrderBy(d => d.Delivery.DueAt).ThenBy(d => d.Id)];
    }

    public async Task<DateTimeOffset?> ReadNextDueAsync(int shard, string node, DateTimeOffset after) =>
        (await _server.ReadAsync(connection => connection.ReadAsync(
            r => r.TimeOrNull(0), SqlTexts.ReadNextClaimable, _host, _run, after)).ConfigureAwait(false))[0];

    // A claim was answered just now, and another run can have the delivery only after it has ended.
    public bool IsConfirmed(int shard, long epoch) => Stopwatch.GetElapsedTime(Volatile.Read(ref _asked)) < _options.Lease / 2;

    public Task StoreTryAsync(DeliveryProgress progress) => _server.WriteAsync(async connection =>
    {
        await connection.RunAsync(SqlTexts.LockShardRows, new[] { progress.Shard }).ConfigureAwait(false);
        if (await DeliveryPlace.FindAsync(connection, progress.Id).ConfigureAwait(false) is not { } place || place.Shard != progress.Shard)
            throw new InvalidOperationException($"There is no delivery {progress.Id} in shard {progress.Shard}: its try cannot be stored.");
        if (await connection.ReadOneAsync<int>(SqlTexts.RequireClaim, progress.Id, _run).ConfigureAwait(false) == 0)
            throw new ClaimLostException(progress.Id);
        await place.StoreAsync(connection, progress).ConfigureAwait(false);
        // The next one of the session, or a follow-up, may be one for the owner of the shard.
        if (progress.State != DeliveryState.Due)
            await DueNote.TellAsync(connection, progress.Shard).ConfigureAwait(false);
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        _closed(this);
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _end.Dispose();
        try
        {
            await _server.ReadAsync(connection => connection.RunAsync(SqlTexts.ReleaseClaims, _run, _host)).ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            _options.Trouble($"Claims of host {_host} could not be given back ({e.Message}); they end by themselves after {_options.Lease.TotalSeconds} s.");
        }
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(_options.Lease / 3);
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
                await RenewOnceAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Closed.
        }
    }

    private async Task RenewOnceAsync()
    {
        long[] held;
        lock (_gate)
            held = [.. _held];
        if (held.Length == 0)
            return;
        try
        {
            await _server.ReadAsync(connection => connection.RunAsync(SqlTexts.RenewClaims, _run, held, _options.Lease)).ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            // A claim that has ended is renewed all the same, as long as nobody else has taken it.
            _options.Trouble($"Claims of host {_host} could not be renewed: {e.Message}");
        }
    }
}
