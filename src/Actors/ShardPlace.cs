using FtpActors.Actors.Deliveries;
using FtpActors.Journal;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors;

/// <summary>What the places of a group have in common: how a shard is taken, who is told of its steps, and when the node stops.</summary>
internal sealed record ShardWork(
    IJournal Journal, Func<int, Mailbox<FreshBatch>, JournalTail, CancellationToken, Task<ShardActor>> Take, Action<int, IReadOnlyList<StoredEvent>> Committed,
    ShardOptions Options, TimeProvider Time, DeliveryActor? Deliveries, ILogger Log, CancellationToken Drain);

/// <summary>
/// The place of one shard in a node: empty, or with an actor and its supervisor. It is the only one that takes the shard and gives it back, so
/// both happen one after the other.
/// </summary>
internal sealed class ShardPlace(int shard, ShardWork work) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly Mailbox<FreshBatch> _mailbox = new(work.Options.MailboxBatches);
    private readonly ShardTrouble _trouble = new(shard, work.Time, work.Log);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _leave;
    private bool _isLeaving;
    private volatile JournalTail? _reader;
    private volatile ShardActor? _actor;

    /// <summary>At work; null while the place is empty or the shard is being taken.</summary>
    public ShardActor? Actor => _actor;

    /// <summary>Ends when the place is empty; ended while it was never filled.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Others should have the shard, because it fails here.</summary>
    public bool IsRefused => _trouble.IsRefused;

    public void Refuse() => _trouble.Refuse();

    /// <summary>Events for the actor. An empty place drops them: whoever takes the shard reads the journal.</summary>
    public void Offer(long previous, IReadOnlyList<StoredEvent> events)
    {
        if (_reader is { } reader && !_mailbox.TryPost(new FreshBatch(previous, events)))
            reader.Missed();
    }

    /// <summary>Takes the shard now; the supervisor that follows finds it taken.</summary>
    public async Task TakeAsync(CancellationToken cancel)
    {
        var reader = new JournalTail(work.Journal, shard, _mailbox, work.Options.StepEvents);
        _reader = reader;
        _actor = await work.Take(shard, _mailbox, reader, cancel).ConfigureAwait(false);
    }

    /// <summary>Has the shard taken and worked on until the node stops.</summary>
    public void Fill()
    {
        lock (_gate)
        {
            if (Running.IsCompleted)
                Running = Task.Run(() => SuperviseAsync(patience: TimeSpan.FromSeconds(30), CancellationToken.None), CancellationToken.None);
        }
    }

    /// <summary>Has the shard taken, or given back, if it is not so already. One that is being given back is taken by a later call.</summary>
    public void Want(bool wanted)
    {
        lock (_gate)
        {
            if (!wanted)
            {
                if (_leave is { } leaving && !_isLeaving)
                {
                    _isLeaving = true;
                    Running = Task.WhenAll(Running, Task.Run(() => LeaveAsync(leaving), CancellationToken.None));
                }
            }
            else if (Running.IsCompleted && !work.Drain.IsCancellationRequested)
            {
                _leave?.Dispose();
                _leave = new CancellationTokenSource();
                _isLeaving = false;
                var leave = _leave.Token;
                Running = Task.Run(() => SuperviseUntilLeftAsync(leave), CancellationToken.None);
            }
        }
    }

    public void Dispose() => _leave?.Dispose();

    // The shard is worked on while its running actions end, so that only what is still running after the grace is run again elsewhere.
    private async Task LeaveAsync(CancellationTokenSource leave)
    {
        if (work.Deliveries is not null)
            await work.Deliveries.QuietAsync(shard).ConfigureAwait(false);
        await leave.CancelAsync().ConfigureAwait(false);
    }

    // Others may take the shard as well: tries are frequent, and one that fails here again and again goes to them.
    private async Task SuperviseUntilLeftAsync(CancellationToken leave)
    {
        await SuperviseAsync(patience: TimeSpan.FromSeconds(2), leave).ConfigureAwait(false);
        if (work.Drain.IsCancellationRequested)
            return;
        await EmptyAsync().ConfigureAwait(false);
        try
        {
            await work.Journal.GiveBackShardAsync(shard).ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            _trouble.NotGivenBack(e);
        }
    }

    // Whatever ends an actor, the next one starts from what is committed; nothing of the old one's memory is trusted.
    private async Task SuperviseAsync(TimeSpan patience, CancellationToken leave)
    {
        var backoff = new Backoff(FirstPause, patience);
        while (!leave.IsCancellationRequested)
        {
            try
            {
                if (_actor is null)
                    await TakeAsync(leave).ConfigureAwait(false);
                _trouble.Taken();
                await _actor!.RunAsync(work.Committed, work.Drain, leave).ConfigureAwait(false);
                _actor?.EndRequests();
                return;
            }
            catch (JournalException) when (work.Drain.IsCancellationRequested || leave.IsCancellationRequested)
            {
                _actor?.EndRequests();
                return;
            }
            catch (OperationCanceledException) when (leave.IsCancellationRequested)
            {
                return;
            }
            catch (ShardHeldException held)
            {
                _trouble.Held(held);
            }
            catch (ShardLostException lost)
            {
                _trouble.Lost(lost);
                backoff.Reset();
            }
            catch (JournalUnavailableException waits)
            {
                _trouble.Waits(waits);
            }
#pragma warning disable CA1031 // A supervisor is the one place that catches everything: it reports and starts anew.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _trouble.Failed(failure);
            }
            await EmptyAsync().ConfigureAwait(false);
            if (leave.CanBeCanceled && _trouble.IsRefused)
                return;
            await DelayAsync(backoff.Next(), leave).ConfigureAwait(false);
        }
    }

    private async Task EmptyAsync()
    {
        _actor?.EndRequests();
        _actor = null;
        _reader = null;
        while (_mailbox.TryTake(out _))
        {
            // Kept for nobody: the next one to take the shard reads the journal.
        }
        if (work.Deliveries is not null)
            await work.Deliveries.LoseAsync(shard).ConfigureAwait(false);
    }

    private async Task DelayAsync(TimeSpan delay, CancellationToken leave)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(work.Drain, leave);
        await Task.Delay(delay, work.Time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
