using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rebuild;
using FtpActors.Journal;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors;

/// <summary>All shards that this node owns: one supervised <see cref="ShardActor"/> each, fed with fresh events, drained at the end.</summary>
public sealed partial class ShardGroup : IFreshEvents, IAsyncDisposable
{
    private readonly IJournal _journal;
    private readonly string _owner;
    private readonly ShardOptions _options;
    private readonly IHorizon _horizon;
    private readonly TimeProvider _time;
    private readonly DeliveryActor? _deliveries;
    private readonly ILogger _log;
    private readonly Place[] _places;
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stopDeliveries = new();
    private readonly List<Task> _running = [];
    private Task _delivering = Task.CompletedTask;

    /// <summary>For every shard of a journal. Nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="owner">Name of this node.</param>
    /// <param name="options">Settings.</param>
    /// <param name="horizon">What may still be on its way to the shards.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    /// <param name="deliveries">Makes what the rules owe; null where there are no rules. Started and stopped with the shards.</param>
    public ShardGroup(IJournal journal, string owner, ShardOptions options, IHorizon horizon, TimeProvider time, ILoggerFactory loggers,
        DeliveryActor? deliveries = null)
    {
        _journal = journal;
        _owner = owner;
        _options = options;
        _horizon = horizon;
        _time = time;
        _deliveries = deliveries;
        _log = loggers.CreateLogger<ShardGroup>();
        _places = [.. Enumerable.Range(0, journal.Shards).Select(_ => new Place(new Mailbox<FreshBatch>(options.MailboxBatches)))];
    }

    /// <summary>Raised with shard and events after every committed step, on the shard's loop: handlers must be quick.</summary>
    public event Action<int, IReadOnlyList<StoredEvent>>? Committed;

    /// <summary>Sessions that are open in the memory of this node.</summary>
    public int OpenSessions => _places.Sum(p => p.Actor?.OpenSessions ?? 0);

    /// <summary>Takes every shard and starts working. Returns when all are taken.</summary>
    /// <exception cref="JournalException">A shard could not be taken.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        _journal.Subscribe(this);
        for (var shard = 0; shard < _places.Length; shard++)
        {
            cancel.ThrowIfCancellationRequested();
            await TakeAsync(shard).ConfigureAwait(false);
        }
        if (_deliveries is not null)
            _delivering = Task.Run(() => _deliveries.RunAsync(_stopDeliveries.Token), CancellationToken.None);
        _running.AddRange(Enumerable.Range(0, _places.Length).Select(shard => Task.Run(() => SuperviseAsync(shard), CancellationToken.None)));
    }

    /// <inheritdoc/>
    public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
    {
        var place = _places[shard];
        if (!place.Mailbox.TryPost(new FreshBatch(previous, events)))
            place.Reader?.Missed();
    }

    /// <summary>
    /// Makes the sessions of all shards anew from the stored events and compares them with the stored ones, one shard after the other, each
    /// by its own loop between two steps: the shard waits meanwhile, its events are kept. A shard that never stops having events waits for that.
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
            var request = new RebuildRequest(replays, apply);
            if (_places[shard].Actor?.TryAsk(request) != true)
                throw new InvalidOperationException($"Shard {shard} is not at work here at the moment or another rebuild waits for it; try again.");
            whole = whole.Plus(await request.Answer.WaitAsync(cancel).ConfigureAwait(false));
        }
        return whole;
    }

    /// <summary>Applies and commits everything that was offered so far, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _drain.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(false);
        await _stopDeliveries.CancelAsync().ConfigureAwait(false);
        await _delivering.ConfigureAwait(false);
        _stopDeliveries.Dispose();
        _drain.Dispose();
    }

    private async Task TakeAsync(int shard)
    {
        var place = _places[shard];
        place.Reader = new JournalTail(_journal, shard, place.Mailbox, _options.StepEvents);
        place.Actor = await ShardActor
            .TakeAsync(_journal, shard, _owner, _options, _horizon, _time, place.Mailbox, place.Reader, _deliveries).ConfigureAwait(false);
    }

    // Whatever ends an actor, the next one starts from what is committed; nothing of the old one's memory is trusted.
    private async Task SuperviseAsync(int shard)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                if (_places[shard].Actor is null)
                    await TakeAsync(shard).ConfigureAwait(false);
                await _places[shard].Actor!.RunAsync((number, events) => Committed?.Invoke(number, events), _drain.Token).ConfigureAwait(false);
                _places[shard].Actor?.EndRequests();
                return;
            }
            catch (JournalException) when (_drain.IsCancellationRequested)
            {
                _places[shard].Actor?.EndRequests();
                return;
            }
            catch (ShardLostException lost)
            {
                LogLost(shard, lost.Message);
            }
#pragma warning disable CA1031 // A supervisor is the one place that catches everything: it reports and starts anew.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailed(failure, shard);
            }
            _places[shard].Actor?.EndRequests();
            _places[shard].Actor = null;
            if (_deliveries is not null)
                await _deliveries.LoseAsync(shard).ConfigureAwait(false);
            await DelayAsync(backoff.Next()).ConfigureAwait(false);
        }
    }

    private async Task DelayAsync(TimeSpan delay)
    {
        try
        {
            await Task.Delay(delay, _time, _drain.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The stop ends the wait; the loop then drains once and returns.
        }
    }

    [LoggerMessage(2001, LogLevel.Warning, "Shard {Shard} was lost and will be taken again: {Reason}")]
    private partial void LogLost(int shard, string reason);

    [LoggerMessage(2002, LogLevel.Error, "Shard {Shard} failed and starts anew from its last commit")]
    private partial void LogFailed(Exception failure, int shard);

    private sealed class Place(Mailbox<FreshBatch> mailbox)
    {
        public Mailbox<FreshBatch> Mailbox { get; } = mailbox;
        public JournalTail? Reader { get; set; }
        public ShardActor? Actor { get; set; }
    }
}
