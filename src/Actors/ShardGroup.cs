using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rebuild;
using FtpActors.Journal;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors;

/// <summary>
/// The shards that this node owns: one supervised <see cref="ShardActor"/> each, fed with fresh events. A node alone has all of them and drains
/// them at the end; in a cluster it has those that it is told to want, and the rest belongs to others.
/// </summary>
public sealed class ShardGroup : IFreshEvents, IAsyncDisposable
{
    private readonly IJournal _journal;
    private readonly DeliveryActor? _deliveries;
    private readonly ShardPlace[] _places;
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stopDeliveries = new();
    private Task _delivering = Task.CompletedTask;
    private bool _isShared;

    /// <summary>For every shard of a journal. Nothing runs before <see cref="StartAsync"/> or <see cref="StartEmpty"/>.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="owner">Name of this node.</param>
    /// <param name="options">Settings.</param>
    /// <param name="horizon">Of this node's sources.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    /// <param name="deliveries">Makes what the rules owe; null where there are no rules. Started and stopped with the shards.</param>
    public ShardGroup(IJournal journal, string owner, ShardOptions options, IHorizon horizon, TimeProvider time, ILoggerFactory loggers,
        DeliveryActor? deliveries = null)
    {
        _journal = journal;
        _deliveries = deliveries;
        var work = new ShardWork(
            journal,
            (shard, mailbox, reader, cancel) => ShardActor.TakeAsync(journal, shard, owner, options, horizon, time, mailbox, reader, deliveries, cancel),
            (shard, events) => Committed?.Invoke(shard, events),
            options, time, deliveries, loggers.CreateLogger<ShardGroup>(), _drain.Token);
        _places = [.. Enumerable.Range(0, journal.Shards).Select(shard => new ShardPlace(shard, work))];
    }

    /// <summary>Raised with shard and events after every committed step, on the shard's loop: handlers must be quick.</summary>
    public event Action<int, IReadOnlyList<StoredEvent>>? Committed;

    /// <summary>Sessions that are open in the memory of this node.</summary>
    public int OpenSessions => _places.Sum(p => p.Actor?.OpenSessions ?? 0);

    /// <summary>Shards that are at work here.</summary>
    public IReadOnlySet<int> Held => Where(p => p.Actor is not null);

    /// <summary>Shards that fail here again and again: others should have them for a while.</summary>
    public IReadOnlySet<int> Refused => Where(p => p.IsRefused);

    /// <summary>Takes every shard and starts working. Returns when all are taken.</summary>
    /// <exception cref="JournalException">A shard could not be taken.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        _journal.Subscribe(this);
        foreach (var place in _places)
        {
            cancel.ThrowIfCancellationRequested();
            await place.TakeAsync(cancel).ConfigureAwait(false);
        }
        StartDeliveries();
        foreach (var place in _places)
            place.Fill();
    }

    /// <summary>Starts without any shard: the journal is shared, and <see cref="Want"/> says which ones belong here.</summary>
    public void StartEmpty()
    {
        _isShared = true;
        _journal.Subscribe(this);
        StartDeliveries();
    }

    /// <summary>
    /// Takes these shards and gives the others back, each by itself and without waiting: one that another node still has is tried for until it is
    /// had or no longer wanted; one that is given back waits for its running actions, as long as their grace, and finishes its step.
    /// </summary>
    public void Want(IReadOnlySet<int> shards)
    {
        for (var shard = 0; shard < _places.Length; shard++)
            _places[shard].Want(shards.Contains(shard));
    }

    /// <summary>Leaves a shard to others for a while; it shows in <see cref="Refused"/>.</summary>
    public void Refuse(int shard) => _places[shard].Refuse();

    /// <summary>Ends when every shard that was given back is free, and no other is here.</summary>
    public Task EmptyAsync() => Task.WhenAll(_places.Select(p => p.Running));

    /// <inheritdoc/>
    public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events) => _places[shard].Offer(previous, events);

    /// <summary>
    /// Makes the sessions of all shards that are here anew from the stored events and compares them with the stored ones, one shard after the
    /// other, each by its own loop between two steps: the shard waits meanwhile, its events are kept. A shard that never stops having events waits
    /// for that. In a cluster the report names the shards that are elsewhere.
    /// </summary>
    /// <param name="replays">The same journal's.</param>
    /// <param name="apply">Put right what differs, one transaction per shard.</param>
    /// <param name="cancel">Ends it between two shards; those that were done stay done.</param>
    /// <exception cref="InvalidOperationException">A shard has no owner here at the moment, or another rebuild waits for it.</exception>
    /// <exception cref="JournalException">The journal cannot be read or written; shards before it are done.</exception>
    public async Task<RebuildReport> RebuildAsync(IReplays replays, bool apply, CancellationToken cancel)
    {
        var whole = RebuildReport.Empty;
        for (var shard = 0; shard < _places.Length; shard++)
        {
            cancel.ThrowIfCancellationRequested();
            var actor = _places[shard].Actor;
            if (actor is null && _isShared)
            {
                whole = whole with { Elsewhere = [.. whole.Elsewhere, shard] };
                continue;
            }
            var request = new RebuildRequest(replays, apply);
            if (actor?.TryAsk(request) != true)
                throw new InvalidOperationException($"Shard {shard} is not at work here at the moment or another rebuild waits for it; try again.");
            whole = whole.Plus(await request.Answer.WaitAsync(cancel).ConfigureAwait(false));
        }
        return whole;
    }

    /// <summary>Applies and commits everything that was offered so far, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _drain.CancelAsync().ConfigureAwait(false);
        await EmptyAsync().ConfigureAwait(false);
        await _stopDeliveries.CancelAsync().ConfigureAwait(false);
        await _delivering.ConfigureAwait(false);
        foreach (var place in _places)
            place.Dispose();
        _stopDeliveries.Dispose();
        _drain.Dispose();
    }

    private void StartDeliveries()
    {
        if (_deliveries is not null)
            _delivering = Task.Run(() => _deliveries.RunAsync(_stopDeliveries.Token), CancellationToken.None);
    }

    private HashSet<int> Where(Func<ShardPlace, bool> holds) => [.. Enumerable.Range(0, _places.Length).Where(shard => holds(_places[shard]))];
}
