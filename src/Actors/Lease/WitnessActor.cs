using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using FtpActors.Actors.Clustering;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Actors.Lease;

/// <summary>
/// PostgreSQL as witness of the nodes' lives. This node holds a session-level advisory lock by the number of its incarnation, and looks at the locks of the others: a process that
/// dies loses its connection, and with it its lock, at once, where heartbeats need seconds. A member that is dead for the database is quarantined, which the failure detector
/// takes for granted, and downed. A node that was silent for three quarters of its own limit must take its lock for lost, before the server does: it says so once.
/// </summary>
/// <remarks>
/// States: holding (every look confirms it) → away (a look failed; a new connection is tried until the limit) → holding again, or lost. Lost is the end: the node begins anew.
/// </remarks>
#pragma warning disable CA1001 // An actor's end is PostStop.
public sealed class WitnessActor : UntypedActor, IWithTimers
#pragma warning restore CA1001
{
    private readonly WitnessOptions _options;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly WitnessView _view = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly WitnessSession _session;
    // When the last look that was answered began; null before the first.
    private long? _confirmed;
    private bool _isLooking;
    private bool _isAway;
    private bool _isLost;

    /// <summary>Made by <see cref="Props"/>.</summary>
    public WitnessActor(WitnessOptions options)
    {
        _options = options;
        _session = new WitnessSession(options, _cluster.SelfUniqueAddress.Uid);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Limit => _options.Limit * 0.75;

    /// <summary>Of a node whose handlers must be its own.</summary>
    public static Props Props(WitnessOptions options) => Akka.Actor.Props.Create<WitnessActor>(options);

    /// <inheritdoc/>
    protected override void PreStart() => Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.Zero, _options.Interval);

    /// <inheritdoc/>
    protected override void PostStop() => _session.Dispose();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                Look();
                break;
            case WitnessLook look:
                _isLooking = false;
                _isAway = false;
                _confirmed = look.AskedAt;
                if (look.IsNew)
                    _view.Forget();
                Judge(look.Holders);
                break;
            case Failed failed:
                _isLooking = false;
                Judge(failed.Reason);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Look()
    {
        if (_isLost)
            return;
        // A look that hangs does not answer this: a frozen process finds out with its first tick, before anything else is done.
        if (_confirmed is { } confirmed && _time.GetElapsedTime(confirmed) > Limit)
        {
            Lose($"PostgreSQL has not confirmed this node's lock for {Limit.TotalSeconds} s");
            return;
        }
        if (_isLooking)
            return;
        _isLooking = true;
        _session.LookAsync().PipeTo(Self, success: look => look, failure: e => new Failed(e));
    }

    private void Judge(IReadOnlySet<int> holders)
    {
        var members = _cluster.State.Members
            .Where(m => m.HasRole(Shards.Role) && m.Status is MemberStatus.Up or MemberStatus.WeaklyUp && !m.UniqueAddress.Equals(_cluster.SelfUniqueAddress))
            .ToDictionary(m => m.UniqueAddress.Uid, m => m.UniqueAddress);
        foreach (var dead in _view.Look(members.Keys, holders))
        {
            var (address, uid) = (members[dead].Address, members[dead].Uid);
            _log.Warning("The node at {0} has lost its lock in PostgreSQL: it is dead, or cut off from the database, and is taken off the cluster", address);
            // Down alone waits for the failure detector.
            ((IRemoteActorRefProvider)((ExtendedActorSystem)Context.System).Provider).Quarantine(address, uid);
            _cluster.Down(address);
        }
    }

    private void Judge(Exception reason)
    {
        switch (reason)
        {
            // The server has ended the session for its silence (idle_session_timeout).
            case PostgresException { SqlState: "57P05" }:
            case JournalUnusableException:
                Lose(reason.Message);
                break;
            case NpgsqlException or TimeoutException or OperationCanceledException:
                if (!_isAway)
                    _log.Warning("PostgreSQL does not answer this node's witness, tried again: {0}", reason.Message);
                _isAway = true;
                break;
            default:
                Lose($"of a fault of this program: {reason.Message}");
                break;
        }
    }

    private void Lose(string reason)
    {
        _isLost = true;
        Context.System.EventStream.Publish(new WitnessLost(reason));
    }

    private sealed record Tick : INoSerializationVerificationNeeded
    {
        public static Tick Instance { get; } = new();
    }

    private sealed record Failed(Exception Reason) : INoSerializationVerificationNeeded;
}
