using FtpActors.Protocol.PureFtpd;
using FtpActors.Protocol;

namespace FtpActors.Actors.Logins;

/// <summary>What is known of the sessions of the host.</summary>
/// <param name="Sessions">The sessions.</param>
/// <param name="Trouble">Why nothing is known, for a person; null when it is.</param>
/// <param name="Warning">What is not known of them, for a person; null when all is.</param>
public sealed record SessionReading(IReadOnlyList<ScoreboardEntry> Sessions, string? Trouble, string? Warning = null);

/// <summary>
/// Keeps the slots of a host's sessions: confirms those that appear, renews those that live, releases those that are gone. Looks four times a second
/// while a login is under way, else once a second: the server writes its scoreboard without telling anybody.
/// </summary>
/// <param name="slots">Where sessions are counted.</param>
/// <param name="table">What is held.</param>
/// <param name="lease">How long a slot counts; renewed three times in it.</param>
/// <param name="read">Reads the sessions.</param>
/// <param name="time">The clock.</param>
public sealed class LoginWatch(ILoginSlots slots, SlotTable table, TimeSpan lease, Func<SessionReading> read, TimeProvider time)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(1);

    private DateTimeOffset _renewAt = time.GetUtcNow() + lease / 3;
    private string? _trouble;

    /// <summary>What is wrong and for whom to look at it; null when nothing is.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Runs until <paramref name="stop"/>. What is held then is not released: the sessions go on, and the next start finds them.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Often, time);
        var lookAt = time.GetUtcNow();
        try
        {
            do
            {
                var now = time.GetUtcNow();
                if (now < lookAt && !table.IsAwaiting(now))
                    continue;
                await StepAsync().ConfigureAwait(false);
                lookAt = now + Seldom;
            }
            while (await timer.WaitForNextTickAsync(stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    /// <summary>One look at the sessions and what follows from it. Trouble with the store is noted and met again at the next look.</summary>
    public async Task StepAsync()
    {
        var reading = read();
        try
        {
            var held = reading.Trouble is null ? await FollowAsync(reading.Sessions).ConfigureAwait(false) : table.HeldSlots();
            if (time.GetUtcNow() >= _renewAt)
            {
                // Also with none: it removes what expired.
                table.Renewed(held, await slots.RenewAsync(held, lease).ConfigureAwait(false));
                _renewAt = time.GetUtcNow() + lease / 3;
            }
            Volatile.Write(ref _trouble, reading.Trouble ?? reading.Warning);
        }
        catch (JournalException e)
        {
            Volatile.Write(ref _trouble, e.Message);
        }
    }

    /// <returns>The slots of the sessions that live.</returns>
    private async Task<IReadOnlyList<long>> FollowAsync(IReadOnlyList<ScoreboardEntry> sessions)
    {
        var plan = table.Plan(sessions);
        if (plan.Release.Count > 0)
        {
            await slots.ReleaseAsync(plan.Release).ConfigureAwait(false);
            table.Released(plan.Release);
        }
        if (plan.Confirm.Count > 0)
            table.Confirmed(plan.Confirm, await slots.ConfirmAsync(plan.Confirm, lease).ConfigureAwait(false));
        return table.HeldSlots();
    }
}
