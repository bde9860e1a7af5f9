using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Placement;

/// <summary>
/// Keeps a node a member of its cluster: beats, looks, decides which shards belong here, has them taken and given back. While it cannot beat, the
/// shards that are here stay here as long as their own connections hold them.
/// </summary>
public sealed partial class PlacementActor : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly ICluster _cluster;
    private readonly ShardGroup? _shards;
    private readonly Func<MemberBeat> _beat;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ShardPlacement _placement;
    private readonly long _began;
    private readonly Mailbox<bool> _wake = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private string? _trouble;
    private MemberState? _state;

    /// <summary>Nothing runs before <see cref="Start"/>.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="shards">This node's shards, started empty; null for a node that handles none.</param>
    /// <param name="beat">What the node says of itself now; its state and refused shards are filled in here.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    public PlacementActor(ICluster cluster, ShardGroup? shards, Func<MemberBeat> beat, TimeProvider time, ILoggerFactory loggers)
    {
        (_cluster, _shards, _beat, _time) = (cluster, shards, beat, time);
        _log = loggers.CreateLogger<PlacementActor>();
        _placement = new ShardPlacement(beat().Name);
        _began = time.GetTimestamp();
    }

    /// <summary>Ends when this node is a member and has looked once.</summary>
    public Task Joined => _joined.Task;

    /// <summary>
    /// Ends when this node has no more to do in the cluster: it was ordered to leave and has given everything back, or (with
    /// <see cref="NameTakenException"/>) another one has its name.
    /// </summary>
    public Task Over => _over.Task;

    /// <summary>Begins.</summary>
    public void Start()
    {
        _cluster.OnChange(() => _wake.TryPost(true));
        _running = Task.Run(RunAsync);
    }

    /// <summary>Says that it leaves, gives every shard back, and resigns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        if (!_over.Task.IsFaulted)
            await TryAsync(() => _cluster.BeatAsync(Beat(MemberState.Leaving))).ConfigureAwait(false);
        if (_shards is not null)
        {
            _shards.Want(new HashSet<int>());
            await _shards.EmptyAsync().ConfigureAwait(false);
        }
        await TryAsync(_cluster.ResignAsync).ConfigureAwait(false);
        _stop.Dispose();
    }

    private MemberBeat Beat(MemberState state) => _beat() with { State = state, Refused = _shards is null ? [] : [.. _shards.Refused] };

    private async Task RunAsync()
    {
        try
        {
            await BeatUntilStoppedAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, a node that no longer beats must not keep shards that nobody decides about: it ends, with this as the reason.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _shards?.Want(new HashSet<int>());
            _joined.TrySetException(e);
            _over.TrySetException(e);
        }
    }

    private async Task BeatUntilStoppedAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            // Taken before the look: what changes during it makes another one.
            _wake.TryTake(out _);
            if (await TryAsync(async () => Look(await _cluster.BeatAsync(Beat(MemberState.Up)).ConfigureAwait(false))).ConfigureAwait(false))
                _joined.TrySetResult();
            // Many changes in a short time are one look.
            await Task.Delay(Breath, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _wake.WaitAsync((Poll * (0.8 + (0.4 * Random.Shared.NextDouble()))) - Breath, _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private void Look(ClusterView view)
    {
        var own = _beat().Name;
        var state = view.Members.FirstOrDefault(m => m.Beat.Name == own)?.Beat.State;
        if (state is { } now && state != _state)
            LogState(own, now);
        _state = state;

        if (_shards is not null)
        {
            var decision = _placement.Decide(view, _shards.Held, _time.GetElapsedTime(_began));
            foreach (var shard in decision.Refuse)
                _shards.Refuse(shard);
            _shards.Want(decision.Want);
        }
        if (state == MemberState.Leaving && (_shards is null || _shards.EmptyAsync().IsCompleted))
            _over.TrySetResult();
    }

    private async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
            if (_trouble is not null)
                LogAgain();
            _trouble = null;
            return true;
        }
        catch (JournalException e) when (e is not NameTakenException)
        {
            if (e.Message != _trouble)
                LogAway(e.Message);
            _trouble = e.Message;
            return false;
        }
    }

    [LoggerMessage(2050, LogLevel.Warning, "Not a member of the cluster at the moment; shards stay as long as their connections hold: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(2051, LogLevel.Information, "A member of the cluster again")]
    private partial void LogAgain();

    [LoggerMessage(2052, LogLevel.Information, "Node {Node} is {State} in the cluster")]
    private partial void LogState(string node, MemberState state);
}
