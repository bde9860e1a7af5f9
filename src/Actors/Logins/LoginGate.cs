using FtpActors.Protocol.PureFtpd;
using FtpActors.Protocol;

namespace FtpActors.Actors.Logins;

/// <summary>Settings of <see cref="LoginGate"/>.</summary>
public sealed record LoginGateOptions
{
    /// <summary>Name of the node at whose server the logins happen.</summary>
    public required string Host { get; init; }

    /// <summary>Who may have how many sessions.</summary>
    public required LoginLimits Limits { get; init; }

    /// <summary>How long a reservation counts unless its session is seen. Default 10 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the decision may take. Default 100 ms.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether a login goes on when there is no decision in that time. Default yes.</summary>
    public bool FailOpen { get; init; } = true;

    /// <summary>Reservations that the store is asked for at once, 1 to 1,000; others wait, within their own time. Default 8.</summary>
    public int Parallel { get; init; } = 8;
}

/// <summary>
/// Decides on logins: reserves a slot, then lets the own check or the server's next method look at the password. The password goes nowhere else. Every
/// decision has its limit of time, whatever the store does.
/// </summary>
public sealed class LoginGate : IDisposable
{
    private readonly LoginGateOptions _options;
    private readonly ILoginSlots _slots;
    private readonly SlotTable _table;
    private readonly LoginCheck? _check;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _asking;

    /// <summary>With its settings.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="slots">Where sessions are counted.</param>
    /// <param name="table">Told of every reservation.</param>
    /// <param name="check">The own check of passwords, null when the server's next method decides.</param>
    /// <param name="time">The clock.</param>
    public LoginGate(LoginGateOptions options, ILoginSlots slots, SlotTable table, LoginCheck? check, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Answer, TimeSpan.Zero);
        (_options, _slots, _table, _check, _time) = (options, slots, table, check, time);
        _asking = new SemaphoreSlim(options.Parallel);
    }

    /// <summary>Answers a login.</summary>
    public async Task<LoginAnswer> AnswerAsync(AuthRequest request, CancellationToken stop)
    {
        var started = _time.GetTimestamp();
        var (gate, slot) = await DecideAsync(request, started).ConfigureAwait(false);
        if (_check is null || gate.Reply.Verdict == AuthVerdict.Refuse)
            return gate;

        var (reply, trouble) = await _check.RunAsync(request, stop).ConfigureAwait(false);
        var answer =
            reply is null ? Fail($"the own check: {trouble}", started)
            : reply.Verdict == AuthVerdict.Accept ? gate with { Reply = reply, Reason = LoginReason.CheckAccepted }
            : reply.Verdict == AuthVerdict.Refuse ? gate with { Reply = reply, Reason = LoginReason.CheckRefused }
            : gate;
        if (answer.Reply.Verdict == AuthVerdict.Refuse && slot is { } given)
            await GiveBackAsync(given).ConfigureAwait(false);
        return answer with { Took = gate.Took };
    }

    /// <summary>The answer of the setting, for what cannot be decided.</summary>
    /// <param name="detail">Why not.</param>
    /// <param name="started">When it began, by the clock's timestamp.</param>
    public LoginAnswer Fail(string detail, long started) => _options.FailOpen
        ? new LoginAnswer(AuthReply.PassOn, LoginReason.FailedOpen, detail, _time.GetElapsedTime(started))
        : new LoginAnswer(AuthReply.Refuse, LoginReason.FailedClosed, detail, _time.GetElapsedTime(started));

    /// <summary>Asks the store once for what no limit allows, so that the first login does not wait for what is loaded and connected on first use.</summary>
    /// <exception cref="JournalException">The store cannot be used.</exception>
    public Task WarmUpAsync() =>
        _slots.ReserveAsync(new LoginClaim("", _options.Host, ""), new SlotLimits(0, 0, 0), _options.Lease, TimeSpan.FromSeconds(30));

    /// <summary>Frees what counts the requests. None may be running.</summary>
    public void Dispose() => _asking.Dispose();

    private async Task<(LoginAnswer Answer, long? Slot)> DecideAsync(AuthRequest request, long started)
    {
        if (_options.Limits.Of(request.Account) is not { } limits)
            return (new LoginAnswer(AuthReply.PassOn, LoginReason.NoLimit, null, _time.GetElapsedTime(started)), null);

        var claim = new LoginClaim(request.Account, _options.Host, SlotTable.RemoteOf(request.Peer));
        var late = false;
        try
        {
            if (!await _asking.WaitAsync(_options.Answer).ConfigureAwait(false))
                return (Fail("too many logins wait for the journal", started), null);
            var left = _options.Answer - _time.GetElapsedTime(started);
            var asked = AskAsync(claim, limits, left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1), () => Volatile.Read(ref late));
            var slot = await asked.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time).ConfigureAwait(false);
            var took = _time.GetElapsedTime(started);
            return slot.Full is { } full
                ? (new LoginAnswer(AuthReply.Refuse, LoginReason.Full, Describe(full, limits), took), null)
                : (new LoginAnswer(AuthReply.PassOn, LoginReason.Reserved, null, took), slot.Slot);
        }
        catch (TimeoutException)
        {
            Volatile.Write(ref late, true);
            return (Fail($"the journal did not answer within {_options.Answer.TotalMilliseconds:0} ms", started), null);
        }
        catch (JournalException e)
        {
            return (Fail(e.Message, started), null);
        }
    }

    // Outlives the caller's patience, so it ends by itself whatever comes, and counts as asking until then.
    private async Task<SlotAnswer> AskAsync(LoginClaim claim, SlotLimits limits, TimeSpan patience, Func<bool> isLate)
    {
        try
        {
            var answer = await Task.Run(() => _slots.ReserveAsync(claim, limits, _options.Lease, patience)).ConfigureAwait(false);
            if (answer.Slot is { } slot)
            {
                // Refused meanwhile: nobody will use it. Let through meanwhile: the session will.
                if (isLate() && !_options.FailOpen)
                    await GiveBackAsync(slot).ConfigureAwait(false);
                else
                    _table.Reserved(claim, _time.GetUtcNow());
            }
            return answer;
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task GiveBackAsync(long slot)
    {
        try
        {
            await _slots.ReleaseAsync([slot]).WaitAsync(_options.Answer, _time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is JournalException or TimeoutException)
        {
            // It expires with its lease; the login's answer is the same.
        }
    }

    private static string Describe(SlotLimit full, SlotLimits limits) => full switch
    {
        SlotLimit.Max => $"{limits.Max} sessions in all",
        SlotLimit.MaxPerHost => $"{limits.MaxPerHost} sessions at this host",
        _ => $"{limits.MaxPerAddress} sessions from this address",
    };
}
