using FtpActors.Actors.Deliveries;
using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Replay;

/// <summary>A request about a replay that cannot be met; the message says why and the way out.</summary>
public sealed class ReplayRefusedException(string message, bool isUnknown = false) : Exception(message)
{
    /// <summary>There is no replay of that id.</summary>
    public bool IsUnknown { get; } = isUnknown;
}

/// <summary>
/// The replays that a node runs, one after the other. Each is in the journal with its position and with a claim of the node that runs it: what a
/// stop or a kill of that node interrupted goes on by itself when it starts again, or on another node that shares the journal.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="replays">The same journal's replays.</param>
/// <param name="book">The rules; a replay keeps to those in force when it begins.</param>
/// <param name="deliveries">Woken when something was made; null where nothing is delivered.</param>
/// <param name="options">Windows and limits of the shards.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">For its log lines.</param>
public sealed partial class ReplayDesk(
    IJournal journal, IReplays replays, RuleBook book, DeliveryActor? deliveries, ShardOptions options, TimeProvider time, ILoggerFactory loggers)
    : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(10);

    // Those that have ended are in the journal; their counts by rule are kept for the last ones only.
    private const int MostRemembered = 100;

    private readonly ILogger _log = loggers.CreateLogger<ReplayDesk>();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Guid _runner = Guid.NewGuid();
    private readonly CancellationTokenSource _end = new();
    private Task _looking = Task.CompletedTask;
    private bool _closed;

    /// <summary>Goes on with every replay that was interrupted, and looks from now on for those that another node leaves half-way.</summary>
    /// <exception cref="JournalException">They cannot be read.</exception>
    public async Task StartAsync()
    {
        await TakeUpAsync().ConfigureAwait(false);
        _looking = Task.Run(LookAsync);
    }

    /// <summary>Begins a replay; returns when it is stored and will come to its end, whatever happens to the node.</summary>
    /// <exception cref="ReplayRefusedException">The question cannot be answered.</exception>
    /// <exception cref="JournalException">It was not stored.</exception>
    public async Task<ReplayProgress> BeginAsync(ReplayQuery query)
    {
        var now = time.GetUtcNow();
        var rules = book.Rules;
        if (query.Rule is { } name && rules.Find(name) is null)
            throw new ReplayRefusedException($"There is no rule '{name}'; there are: {string.Join(", ", rules.Rules.Select(r => r.Name))}.");
        if (rules.Rules.Count == 0)
            throw new ReplayRefusedException("There are no rules, so a replay makes nothing. Add rules to the configuration first.");
        // What comes from now on takes the live way.
        query = query with { Until = query.Until < now ? query.Until : now, Rules = [.. rules.Rules.Select(r => r.Name)] };
        if (query.Since >= query.Until)
            throw new ReplayRefusedException("The time of the replay is empty: since must be before until and in the past.");
        try
        {
            _ = new ReplayPlan(query, rules);
        }
        catch (FormatException e)
        {
            throw new ReplayRefusedException(e.Message);
        }

        var id = $"{now:yyyyMMdd-HHmmss}-{Random.Shared.Next(0x10000):x4}";
        await replays.CreateReplayAsync(id, query.ToJson()).ConfigureAwait(false);
        Run(await ReadAsync(id).ConfigureAwait(false));
        return await FindAsync(id).ConfigureAwait(false);
    }

    /// <summary>One replay.</summary>
    /// <exception cref="ReplayRefusedException">There is none of that id.</exception>
    public async Task<ReplayProgress> FindAsync(string id) => Tell(await ReadAsync(id).ConfigureAwait(false));

    /// <summary>All replays, oldest first.</summary>
    public async Task<IReadOnlyList<ReplayProgress>> ListAsync() => [.. (await replays.ListReplaysAsync().ConfigureAwait(false)).Select(Tell)];

    /// <summary>Stops a replay where it stands. What it made stays.</summary>
    /// <exception cref="ReplayRefusedException">There is none, or it has ended.</exception>
    public async Task<ReplayProgress> StopAsync(string id)
    {
        if ((await ReadAsync(id).ConfigureAwait(false)).State == ReplayState.Done)
            throw new ReplayRefusedException($"Replay {id} has come to its end; there is nothing to stop.");
        if (Find(id) is { } running)
            await running.EndAsync().ConfigureAwait(false);
        // It may have come to its end just before.
        if ((await ReadAsync(id).ConfigureAwait(false)).State != ReplayState.Done)
            await replays.SetReplayStateAsync(id, ReplayState.Stopped).ConfigureAwait(false);
        return await FindAsync(id).ConfigureAwait(false);
    }

    /// <summary>Goes on with a replay that was stopped or met a problem; one that runs, here or elsewhere, or is done is left alone.</summary>
    /// <exception cref="ReplayRefusedException">There is none.</exception>
    public async Task<ReplayProgress> ResumeAsync(string id)
    {
        var record = await ReadAsync(id).ConfigureAwait(false);
        if (record.State != ReplayState.Done && Find(id) is null or { Task.IsCompleted: true })
        {
            if (record.State != ReplayState.Running)
                await replays.SetReplayStateAsync(id, ReplayState.Running).ConfigureAwait(false);
            Run(await ReadAsync(id).ConfigureAwait(false));
        }
        return await FindAsync(id).ConfigureAwait(false);
    }

    /// <summary>Interrupts what runs; it goes on at the next start, or on another node.</summary>
    public async ValueTask DisposeAsync()
    {
        Running[] all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _running.Values];
        }
        await _end.CancelAsync().ConfigureAwait(false);
        await _looking.ConfigureAwait(false);
        foreach (var running in all)
            await running.EndAsync().ConfigureAwait(false);
        _turn.Dispose();
        _end.Dispose();
    }

    private async Task TakeUpAsync()
    {
        foreach (var record in await replays.ListReplaysAsync().ConfigureAwait(false))
        {
            // One that met a problem here waits for a person.
            if (record.State == ReplayState.Running && Find(record.Id) is null)
                Run(record);
        }
    }

    private async Task LookAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(BetweenLooks, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (!_end.IsCancellationRequested)
                    await TakeUpAsync().ConfigureAwait(false);
            }
            catch (JournalException e)
            {
                LogNotSeen(e.Message);
            }
        }
    }

    private void Run(ReplayRecord record)
    {
        lock (_gate)
        {
            if (_closed || (_running.TryGetValue(record.Id, out var before) && !before.Task.IsCompleted))
                return;
            var running = new Running(new ReplayTally(record, time), new CancellationTokenSource());
            _running[record.Id] = running;
            running.Task = Task.Run(() => RunAsync(record, running), CancellationToken.None);
            foreach (var old in _running.Where(r => r.Value.Task.IsCompleted).Select(r => r.Key).Order(StringComparer.Ordinal).SkipLast(MostRemembered).ToList())
                _running.Remove(old);
        }
    }

    private async Task RunAsync(ReplayRecord record, Running running)
    {
        var cancel = running.Stop.Token;
        var left = false;
        try
        {
            // One at a time: each takes all cores, and several would only be slower together.
            await _turn.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                left = !await RunClaimedAsync(record.Id, running, cancel).ConfigureAwait(false);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Its position is stored; it goes on when it is resumed or the node starts again.
        }
#pragma warning disable CA1031 // It has no caller: what it met is told to whoever asks for it, and in the log.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            running.Problem = failure.Message;
            LogFailed(failure, record.Id);
        }
        finally
        {
            running.Tally.End();
        }
        if (left)
            Forget(record.Id, running);
    }

    /// <summary>Runs a replay to its end under its claim.</summary>
    /// <returns>False when it is another node's, or a person stopped it on another node: it is no business of this one any more.</returns>
    private async Task<bool> RunClaimedAsync(string id, Running running, CancellationToken cancel)
    {
        var claim = await ReplayClaim.TakeAsync(replays, id, _runner, time, cancel).ConfigureAwait(false);
        if (claim is null)
            return false;
        try
        {
            // As it stands now: another node may have moved it before this one had its turn.
            var record = await ReadAsync(id).ConfigureAwait(false);
            var plan = new ReplayPlan(ReplayQuery.Parse(record.Parameters), book.Rules);
            (running.Tally, running.Missing, running.HasBegun) = (new ReplayTally(record, time), plan.Missing, true);
            await new ReplayRun(journal, replays, record, plan, running.Tally, options, time, shard => deliveries?.Wake(shard), _runner)
                .RunAsync(claim.Lost).ConfigureAwait(false);
            if (!await claim.IsHeldAsync().ConfigureAwait(false))
                return false;
            await replays.SetReplayStateAsync(id, ReplayState.Done).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException && !cancel.IsCancellationRequested)
        {
            // A move that was refused, or a renewal: either somebody else has the replay, or this is a failure of its own.
            if (await claim.IsHeldAsync().ConfigureAwait(false))
                throw;
            return false;
        }
        finally
        {
            await claim.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ReplayProgress Tell(ReplayRecord record)
    {
        var query = ReplayQuery.Parse(record.Parameters);
        // While it waits for its turn here it may run elsewhere: the journal knows.
        return Find(record.Id) is { } running && (running.HasBegun || running.Problem is not null)
            ? running.Tally.Tell(record, query, running.Missing, running.Problem)
            : new ReplayProgress(record.Id, query, record.State, record.CreatedAt, record.Read, record.Read, record.Matched, record.Made, 0, null,
                new Dictionary<string, long>(), [], null);
    }

    private async Task<ReplayRecord> ReadAsync(string id) =>
        await replays.ReadReplayAsync(id).ConfigureAwait(false)
        ?? throw new ReplayRefusedException($"There is no replay {id}; see 'ftpactors replay --list'.", isUnknown: true);

    private Running? Find(string id)
    {
        lock (_gate)
            return _running.GetValueOrDefault(id);
    }

    private void Forget(string id, Running running)
    {
        lock (_gate)
        {
            if (_running.GetValueOrDefault(id) == running)
                _running.Remove(id);
        }
    }

    [LoggerMessage(2201, LogLevel.Error, "Replay {Id} met a problem and stands still; resume it or restart the node")]
    private partial void LogFailed(Exception failure, string id);

    [LoggerMessage(2202, LogLevel.Warning, "Replays that another node may have left half-way were not looked for: {Reason}")]
    private partial void LogNotSeen(string reason);

    private sealed class Running(ReplayTally tally, CancellationTokenSource stop)
    {
        public ReplayTally Tally { get; set; } = tally;

        // Without a timer or a link there is nothing to dispose in it, and a late stop must still find it.
        public CancellationTokenSource Stop { get; } = stop;

        public Task Task { get; set; } = Task.CompletedTask;

        public bool HasBegun { get; set; }

        public IReadOnlyList<string> Missing { get; set; } = [];

        public string? Problem { get; set; }

        public async Task EndAsync()
        {
            await Stop.CancelAsync().ConfigureAwait(false);
            await Task.ConfigureAwait(false);
        }
    }
}
