using FtpActors.Actors.Deliveries;
using FtpActors.Journal;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>
/// What a node does besides its own shards because others share its journal: the actions of its host, calls for deliveries that others made due,
/// and, where it owns shards, the watch over hosts that are away.
/// </summary>
internal sealed class SharedWork : IAsyncDisposable
{
    private readonly HostActions _actions;
    private readonly HostWatch? _watch;

    public SharedWork(
        ISharedDeliveries shared, NodeConfiguration configuration, DeliveryActor own, HostActions actions, TimeProvider time, ILoggerFactory loggers)
    {
        _actions = actions;
        shared.OnDue(shard =>
        {
            if (shard is { } one)
                own.Wake(one);
            else
                own.WakeAll();
        });
        if (!configuration.Node.Handler)
            return;
        _watch = new HostWatch(shared, time, loggers);
        _watch.Start();
    }

    /// <summary>The rules have changed.</summary>
    public void WakeAll() => _actions.Wake();

    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
            await _watch.DisposeAsync();
        await _actions.DisposeAsync();
    }
}
