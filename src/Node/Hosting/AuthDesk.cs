using FtpActors.Actors.Logins;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Node.Configuration;
using FtpActors.Node.Text;
using FtpActors.Protocol.PureFtpd;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>The role <c>authd</c>: answers the logins of the host's Pure-FTPd and keeps the slots of its sessions.</summary>
internal sealed class AuthDesk : IAuthDecisions, IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ILoginSlots _slots;
    private readonly SlotTable _table;
    private readonly LoginGate _gate;
    private readonly LoginCheck? _check;
    private readonly LoginWatch _watch;
    private AuthServer? _server;
    private Task _watching = Task.CompletedTask;

    private AuthDesk(AuthdSection settings, string host, ILoginSlots slots, TimeProvider time, ILoggerFactory loggers)
    {
        (Settings, _time, _log) = (settings, time, loggers.CreateLogger<AuthDesk>());
        _slots = slots;
        _table = new SlotTable(host, settings.Limits, settings.Lease);
        _check = settings.Check is { } check ? new LoginCheck(check.Exec, check.Timeout, time) : null;
        var options = new LoginGateOptions
        {
            Host = host, Limits = settings.Limits, Lease = settings.Lease, Answer = settings.Answer, FailOpen = settings.FailOpen,
        };
        _gate = new LoginGate(options, _slots, _table, _check, time);
        var scoreboard = new ScoreboardFolder(settings.Scoreboard);
        _watch = new LoginWatch(_slots, _table, settings.Lease, () => ReadingOf(scoreboard.Read()), time);
    }

    public AuthdSection Settings { get; }

    /// <summary>Answers so far.</summary>
    public LoginTally Tally { get; } = new();

    /// <summary>Sessions of this host that have a slot.</summary>
    public int Held => _table.Held;

    /// <summary>What is wrong, null when nothing is.</summary>
    public string? Trouble => _server?.Trouble ?? _watch.Trouble;

    /// <summary>The slots in use on all hosts.</summary>
    public Task<IReadOnlyList<LoginSlot>> ReadSlotsAsync() => _slots.ReadSlotsAsync(null);

    /// <summary>Opens the socket and begins to watch the sessions. The journal need not be there yet.</summary>
    /// <exception cref="NodeStartException">The socket cannot be opened.</exception>
    public static AuthDesk Start(AuthdSection settings, string host, ILoginSlots slots, TimeProvider time, ILoggerFactory loggers)
    {
        var desk = new AuthDesk(settings, host, slots, time, loggers);
        try
        {
            desk._server = AuthServer.Start(new AuthServerOptions { Socket = settings.Socket, Connections = settings.Connections }, desk);
        }
        catch (AuthSocketException e)
        {
            desk.Free();
            throw new NodeStartException($"authd.socket: {e.Message}", e);
        }
        desk._watching = Task.Run(desk.WatchAsync);
        desk._log.LoginsAnswered(settings.Socket, settings.Limits.All.Count, settings.FailOpen ? "open" : "closed");
        return desk;
    }

    async Task<AuthReply> IAuthDecisions.DecideAsync(AuthRequest request, CancellationToken stop)
    {
        var answer = await _gate.AnswerAsync(request, stop);
        Tally.Add(answer);
        var level = answer.Reason switch
        {
            LoginReason.FailedOpen or LoginReason.FailedClosed => LogLevel.Warning,
            LoginReason.Full or LoginReason.CheckRefused => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        // The request's own text has no password, but the escapes of its names are for storage, not for a terminal.
        _log.LoginAnswered(level, Visible.Of(request.Account), Visible.Of(request.Peer), answer.Reply.ToString(), LoginWords.Of(answer.Reason), answer.Detail ?? "",
            answer.Took.TotalMilliseconds);
        return answer.Reply;
    }

    AuthReply IAuthDecisions.DecideBad(string reason)
    {
        var answer = _gate.Fail(reason, _time.GetTimestamp());
        Tally.Add(answer);
        _log.LoginNotUnderstood(reason, answer.Reply.ToString());
        return answer.Reply;
    }

    AuthReply IAuthDecisions.DecideFailed(Exception e)
    {
        var answer = _gate.Fail(e.Message, _time.GetTimestamp());
        Tally.Add(answer);
        _log.LoginFailed(e, answer.Reply.ToString());
        return answer.Reply;
    }

    /// <summary>Finishes the logins in hand. The slots stay: the sessions go on, and the next start finds both within the lease.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        await _stop.CancelAsync();
        await _watching;
        Free();
    }

    private async Task WatchAsync()
    {
        var telling = TellAsync();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _gate.WarmUpAsync();
                break;
            }
            catch (JournalException)
            {
                // The watch meets the same and tells it.
                await _watch.StepAsync();
                await WaitAsync();
            }
        }
        await _watch.RunAsync(_stop.Token);
        await telling;
    }

    private async Task TellAsync()
    {
        string? said = null;
        do
        {
            var trouble = Trouble;
            if (trouble == said)
                continue;
            if (trouble is not null)
                _log.LoginTrouble(trouble);
            else
                _log.LoginTroubleOver();
            said = trouble;
        }
        while (await WaitAsync());
    }

    private async Task<bool> WaitAsync()
    {
        await Task.Delay(Pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !_stop.IsCancellationRequested;
    }

    private void Free()
    {
        _gate.Dispose();
        _check?.Dispose();
        Tally.Dispose();
        _stop.Dispose();
    }

    // A file of another build hides its session; the others are known all the same.
    private static SessionReading ReadingOf(ScoreboardReading reading) => new(
        reading.Sessions, reading.Trouble,
        reading.Refused is [var first, ..] ? $"{reading.Refused.Count} files of the scoreboard cannot be read, so their sessions do not count; {first}" : null);
}
