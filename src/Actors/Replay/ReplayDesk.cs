using FtpActors.Actors.Deliveries;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Replay;

/// <summary>A request about a replay that cannot be met; the message says why and the way out.</summary>
public sealed class ReplayRefusedException(string message, bool isUnknown = false) : Exception(message)
{
    /// <summary>There is no replay of that id.</summary>
    public bool IsUnknown { get; } = isUnknown;
}

/// <summary>
/// The replays, run one after the other. What a stop or a kill of the node interrupted goes on by itself when it starts again.
/// </summary>
/// <param name="replays">Which there are.</param>
/// <param name="context">What they work with.</param>
/// <param name="book">The rules; a replay keeps to those in force when it begins.</param>
/// <param name="loggers">For its log lines.</param>
public sealed partial class ReplayDesk(Replays replays, ReplayContext context, RuleBook book, ILoggerFactory loggers) : IAsyncDisposable
{
    // Of those that have ended, the counts by rule are kept for the last ones only.
    private const int MostRemembered = 100;

    private readonly ILogger _log = loggers.CreateLogger<ReplayDesk>();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private bool _closed;

    /// <summary>Goes on with every replay that was interrupted.</summary>
    /// <exception cref="JournalException">They cannot be read.</exception>
    public async Task StartAsync()
    {
        foreach (var record in await replays.ListAsync().ConfigureAwait(false))
        {
            if (record.State == ReplayState.Running)
                Run(record);
        }
    }

    /// <summary>Begins a replay; returns when it is stored and will come to its end, whatever happens to the node.</summary>
    /// <exception cref="ReplayRefusedException">The question cannot be answered.</exception>
    /// <exception cref="JournalException">It was not stored.</exception>
    public async Task<ReplayProgress> BeginAsync(ReplayQuery query)
    {
        var now = context.Time.GetUtcNow();
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
        var record = new ReplayRecord(id, query.ToJson(), ReplayState.Running, now, 0, 0, 0);
        await replays.PutAsync(record).ConfigureAwait(false);
        Run(record);
        return await FindAsync(id).ConfigureAwait(false);
    }

    /// <summary>One replay.</summary>
    /// <exception cref="ReplayRefusedException">There is none of that id.</exception>
    public async Task<ReplayProgress> FindAsync(string id) => Tell(await ReadAsync(id).ConfigureAwait(false));

    /// <summary>All replays, oldest first.</summary>
    public async Task<IReadOnlyList<ReplayProgress>> ListAsync() => [.. (await replays.ListAsync().ConfigureAwait(false)).Select(Tell)];

    /// <summary>Stops a replay where it stands. What it made stays.</summary>
    /// <exception cref="ReplayRefusedException">There is none, or it has ended.</exception>
    public async Task<ReplayProgress> StopAsync(string id)
    {
        if ((await ReadAsync(id).ConfigureAwait(false)).State == ReplayState.Done)
            throw new ReplayRefusedException($"Replay {id} has come to its end; there is nothing to stop.");
        if (Find(id) is { } running)
            await running.EndAsync().ConfigureAwait(false);
        // It may have come to its end just before.
        if (await ReadAsync(id).ConfigureAwait(false) is { State: not ReplayState.Done } record)
            await replays.PutAsync((Find(id)?.Tally.Of(record) ?? record) with { State = ReplayState.Stopped }).ConfigureAwait(false);
        return await FindAsync(id).ConfigureAwait(false);
    }

    /// <summary>Goes on with a replay that was stopped or met a problem; one that runs or is done is left alone.</summary>
    /// <exception cref="ReplayRefusedException">There is none.</exception>
    public async Task<ReplayProgress> ResumeAsync(string id)
    {
        var record = await ReadAsync(id).ConfigureAwait(false);
        if (record.State != ReplayState.Done && Find(id) is null or { Task.IsCompleted: true })
        {
            record = record with { State = ReplayState.Running };
            await replays.PutAsync(record).ConfigureAwait(false);
            Run(record);
        }
        return await FindAsync(id).ConfigureAwait(false);
    }

    /// <summary>Interrupts what runs; it goes on at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        Running[] all;
        lock (_gate)
        {
            _closed = true;
            all = [.. _running.Values];
        }
        foreach (var running in all)
            await running.EndAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private void Run(ReplayRecord record)
    {
        lock (_gate)
        {
            if (_closed || (_running.TryGetValue(record.Id, out var before) && !before.Task.IsCompleted))
                return;
            var running = new Running(new ReplayTally(context.Time), new CancellationTokenSource());
            _running[record.Id] = running;
            running.Task = Task.Run(() => RunAsync(record, running), CancellationToken.None);
            foreach (var old in _running.Where(r => r.Value.Task.IsCompleted).Select(r => r.Key).Order(StringComparer.Ordinal).SkipLast(MostRemembered).ToList())
                _running.Remove(old);
        }
    }

    private async Task RunAsync(ReplayRecord record, Running running)
    {
        var cancel = running.Stop.Token;
        try
        {
            // One at a time: each takes all cores, and several would only be slower together.
            await _turn.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                await RunAsync(record, running, cancel).ConfigureAwait(false);
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
    }

    private async Task RunAsync(ReplayRecord record, Running running, CancellationToken cancel)
    {
        var plan = new ReplayPlan(ReplayQuery.Parse(record.Parameters), book.Rules);
        (running.Tally, running.Missing, running.HasBegun) = (new ReplayTally(context.Time), plan.Missing, true);
        await new ReplayRun(context, record.Id, plan, running.Tally).RunAsync(cancel).ConfigureAwait(false);
        await replays.PutAsync(running.Tally.Of(record) with { State = ReplayState.Done }).ConfigureAwait(false);
    }

    private ReplayProgress Tell(ReplayRecord record)
    {
        var query = ReplayQuery.Parse(record.Parameters);
        return Find(record.Id) is { } running && (running.HasBegun || running.Problem is not null)
            ? running.Tally.Tell(record, query, running.Missing, running.Problem)
            : new ReplayProgress(record.Id, query, record.State, record.CreatedAt, record.Read, record.Read, record.Matched, record.Made, 0, null,
                new Dictionary<string, long>(), [], null);
    }

    private async Task<ReplayRecord> ReadAsync(string id) =>
        await replays.ReadAsync(id).ConfigureAwait(false)
        ?? throw new ReplayRefusedException($"There is no replay {id}; see 'ftpactors replay --list'.", isUnknown: true);

    private Running? Find(string id)
    {
        lock (_gate)
            return _running.GetValueOrDefault(id);
    }

    [LoggerMessage(2201, LogLevel.Error, "Replay {Id} met a problem and stands still; resume it or restart the node")]
    private partial void LogFailed(Exception failure, string id);

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
