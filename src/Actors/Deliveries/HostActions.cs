using FtpActors.Actors.Actions;
using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// Runs, on the node of an FTP host, the actions that must run there, whoever owns the shards they belong to: a <see cref="DeliveryActor"/> whose
/// one line is the host. It runs as long as the node, also on one that owns no shard.
/// </summary>
public sealed class HostActions : IAsyncDisposable
{
    // No shard has this number.
    private const int Line = -1;

    private readonly DeliveryActor _actor;
    private readonly IHostDeliveries _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Begins.</summary>
    /// <param name="shared">The journal's deliveries.</param>
    /// <param name="book">The rules of this node: an action is run as they say.</param>
    /// <param name="runner">Runs the actions.</param>
    /// <param name="options">Its <see cref="DeliveryOptions.Node"/> is the host.</param>
    /// <param name="slots">Shared with the other deliveries of the node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    public HostActions(
        ISharedDeliveries shared, RuleBook book, IActionRunner runner, DeliveryOptions options, ActionSlots slots, TimeProvider time,
        ILoggerFactory loggers)
    {
        _store = shared.OpenHost(options.Node, Wake);
        _actor = new DeliveryActor(_store, book, runner, options, slots, time, loggers);
        _actor.Own(Line, epoch: 0);
        _running = Task.Run(() => _actor.RunAsync(_stop.Token), CancellationToken.None);
    }

    /// <summary>Looks now: something may be due, or the rules have changed. Safe from any thread.</summary>
    // The journal may call before the actor is there, which then looks by itself.
    public void Wake() => _actor?.Wake(Line);

    /// <summary>Gives running actions their time of grace, ends the rest, and ends the claims.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }
}
