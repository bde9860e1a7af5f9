using FtpActors.Journal;

namespace FtpActors.Actors.Replay;

/// <summary>A node's claim of a replay, renewed three times while it would hold. The journal refuses moves of whoever has lost it.</summary>
internal sealed class ReplayClaim : IAsyncDisposable
{
    private readonly IReplays _replays;
    private readonly string _id;
    private readonly Guid _runner;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;

    private ReplayClaim(IReplays replays, string id, Guid runner, TimeSpan holds, TimeProvider time, CancellationToken cancel)
    {
        (_replays, _id, _runner, _time) = (replays, id, runner, time);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Lost = _lost.Token;
        _renewing = Task.Run(() => RenewAsync(holds / 3), CancellationToken.None);
    }

    /// <summary>Fires when the claim is lost, or the run is to be interrupted.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Claims a replay; null when another runner has it, or it is not running.</summary>
    /// <exception cref="JournalException">It cannot be asked for.</exception>
    public static async Task<ReplayClaim?> TakeAsync(IReplays replays, string id, Guid runner, TimeProvider time, CancellationToken cancel) =>
        await replays.ClaimReplayAsync(id, runner).ConfigureAwait(false) is { } holds ? new ReplayClaim(replays, id, runner, holds, time, cancel) : null;

    /// <summary>Asks the journal.</summary>
    /// <exception cref="JournalException">It cannot be asked.</exception>
    public async Task<bool> IsHeldAsync() => await _replays.ClaimReplayAsync(_id, _runner).ConfigureAwait(false) is not null;

    /// <summary>Gives the replay free. When the journal cannot be told, the claim ends by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _end.Dispose();
        _lost.Dispose();
        try
        {
            await _replays.ReleaseReplayAsync(_id, _runner).ConfigureAwait(false);
        }
        catch (JournalUnavailableException)
        {
            // It ends by itself, as said.
        }
    }

    private async Task RenewAsync(TimeSpan every)
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(every, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (!_end.IsCancellationRequested && !await IsHeldAsync().ConfigureAwait(false))
                {
                    await _lost.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
            catch (JournalException)
            {
                // The run's own moves meet the same trouble and tell of it; nothing moves without the journal, whoever has the claim.
            }
        }
    }
}
