using System.Collections.Concurrent;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// The shared journal of many nodes: one PostgreSQL database. Appends and reads go through a pool; every owned shard has a connection of its
/// own, which holds its lock and writes its steps (<see cref="OwnedShard"/>).
/// </summary>
public sealed partial class PostgresJournal : ISharedJournal
{
    private readonly Server _server;
    private readonly PostgresJournalOptions _options;
    private readonly KnownDays _days;
    private readonly FreshListener _listener;
    private readonly Horizons _horizons = new();
    private readonly string _me = Guid.NewGuid().ToString("N");
    private readonly OwnedShard?[] _owned;
    private readonly SemaphoreSlim[] _taking;
    // One per spool that this process appends: its own, or those that it copies.
    private readonly ConcurrentDictionary<string, SpoolAppender> _appenders = new(StringComparer.Ordinal);
    private IFreshEvents[] _subscribers = [];
    private Action[] _bells = [];
    private int _disposed;

    private PostgresJournal(Server server, PostgresJournalOptions options)
    {
        _server = server;
        _options = options;
        Shards = options.Shards;
        _days = new KnownDays(server);
        _owned = new OwnedShard?[Shards];
        _taking = [.. Enumerable.Range(0, Shards).Select(_ => new SemaphoreSlim(1, 1))];
        _listener = new FreshListener(server, _me, options.Poll, OwnedShards, fresh => Offer([fresh]), _horizons, Ring, Hear, options.Trouble);
        _membership = new Membership(server, options.Lease);
    }

    /// <inheritdoc/>
    public int Shards { get; }

    /// <inheritdoc/>
    public IHorizon Horizon => _horizons;

    /// <summary>Opens the journal in a database; makes its tables when they are not there. Safe for many nodes at once.</summary>
    /// <exception cref="JournalUnusableException">
    /// The connection is wrong, the server is a standby, too old or not durable, rights are missing, or the journal is newer, has another number of shards,
    /// or is another one of several servers.
    /// </exception>
    /// <exception cref="JournalUnavailableException">The server cannot be reached at the moment.</exception>
    public static async Task<PostgresJournal> OpenAsync(PostgresJournalOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Shards, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Shards, 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Lease, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Lease, TimeSpan.FromMinutes(10));
        var server = Server.For(options.Connection);
        try
        {
            server.System = await server.ReadAsync(
                connection => Schema.PrepareAsync(connection, server.Where, options)).ConfigureAwait(false);
            var journal = new PostgresJournal(server, options);
            await journal._listener.PrepareAsync().ConfigureAwait(false);
            server.Watch(options.Lease / 2);
            return journal;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Takes a shard: waits up to <see cref="PostgresJournalOptions.TakeWait"/> for its lock, raises its epoch and reads where it stands. A shard
    /// that this journal holds already is given back first, so its older lease is lost.
    /// </summary>
    /// <exception cref="ShardHeldException">Another node has it.</exception>
    /// <exception cref="JournalException">It cannot be taken.</exception>
    public async Task<ShardLease> TakeShardAsync(int shard, string owner, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shard);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(shard, Shards);
        await _taking[shard].WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            await RequireNotDownAsync(owner).ConfigureAwait(false);
            if (Interlocked.Exchange(ref _owned[shard], null) is { } before)
                await before.DisposeAsync().ConfigureAwait(false);
            var (owned, lease) = await OwnedShard.TakeAsync(_server, _options, shard, owner, cancel).ConfigureAwait(false);
            Volatile.Write(ref _owned[shard], owned);
            return lease;
        }
        finally
        {
            _taking[shard].Release();
        }
    }

    /// <inheritdoc/>
    public async Task GiveBackShardAsync(int shard)
    {
        if (await TryGiveBackAsync(shard).ConfigureAwait(false))
            await TellClusterAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public bool IsHeld(int shard, long epoch) => Volatile.Read(ref _owned[shard]) is { IsHeld: true } owned && owned.Epoch == epoch;

    /// <inheritdoc/>
    public Task CommitAsync(ShardStep step) => Owned(step.Shard, step.Epoch).WriteAsync(step.Epoch, async connection =>
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.Add(SqlTexts.CountStep, step.Shard, step.Epoch, step.Duplicates, step.Reordered);
        foreach (var (spool, seq, held) in step.Checkpoints)
            batch.Add(SqlTexts.WriteCheckpoint, step.Shard, spool, seq, held.ToArray());
        SessionRow.Write(batch, step.Sessions, step.Shard);
        foreach (var delivery in step.Deliveries)
            DeliveryRow.Insert(batch, step.Shard, delivery, _options.Clock.GetUtcNow());
        await batch.ExecuteNonQueryAsync().ConfigureAwait(false);

        if (batch.BatchCommands[0].RecordsAffected == 0)
            throw new ShardLostException(step.Shard, step.Epoch);
        for (var i = 0; i < step.Checkpoints.Count; i++)
        {
            if (batch.BatchCommands[1 + i].RecordsAffected == 0)
            {
                throw new InvalidOperationException(
                    $"Shard {step.Shard} cannot stand in spool {step.Checkpoints[i].Spool}: it has never appended to this journal.");
            }
        }
        return true;
    });

    /// <inheritdoc/>
    public void Subscribe(IFreshEvents fresh)
    {
        lock (_appenders)
            Volatile.Write(ref _subscribers, [.. _subscribers, fresh]);
        _listener.Start();
    }

    /// <inheritdoc/>
    public void OnAppend(Action rung)
    {
        lock (_appenders)
            Volatile.Write(ref _bells, [.. _bells, rung]);
        _listener.Start();
    }

    /// <summary>Gives every shard back and closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _listener.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(Enumerable.Range(0, Shards).Select(TryGiveBackAsync)).ConfigureAwait(false);
        await _membership.DisposeAsync().ConfigureAwait(false);
        foreach (var appender in _appenders.Values)
            appender.Dispose();
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<bool> TryGiveBackAsync(int shard)
    {
        await _taking[shard].WaitAsync().ConfigureAwait(false);
        try
        {
            if (Interlocked.Exchange(ref _owned[shard], null) is not { } owned)
                return false;
            await owned.DisposeAsync().ConfigureAwait(false);
            return true;
        }
        finally
        {
            _taking[shard].Release();
        }
    }

    private int[] OwnedShards() => [.. Enumerable.Range(0, Shards).Where(shard => Volatile.Read(ref _owned[shard]) is { IsHeld: true })];

    /// <exception cref="ShardLostException">The shard is not held here.</exception>
    private OwnedShard Owned(int shard, long epoch) => Volatile.Read(ref _owned[shard]) ?? throw new ShardLostException(shard, epoch);

    private void Ring()
    {
        foreach (var bell in Volatile.Read(ref _bells))
            bell();
    }

    private void Offer(List<FreshEvents> all)
    {
        foreach (var (shard, previous, events) in all)
        {
            foreach (var subscriber in Volatile.Read(ref _subscribers))
                subscriber.Offer(shard, previous, events);
        }
    }
}
