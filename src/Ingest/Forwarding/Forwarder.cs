using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Ingest.Forwarding;

/// <summary>
/// Ships a node's spool to the shared journal: in order, each event once (promise 2: the journal knows how far it has come and passes over what
/// it has), and drops from the spool what was confirmed long enough ago. There is no timer: while one append runs, the next events gather, and go
/// together. Fresh events come by memory; after a failure, and while it is behind, they are read from the spool. Whatever fails, it asks the
/// journal where it stands and goes on from there.
/// </summary>
public sealed partial class Forwarder : IFreshEvents, IAsyncDisposable
{
    // Sources hand over up to 4,096 events at once; what is refused here is read from the spool.
    private const int MailboxBatches = 64;

    private static readonly TimeSpan DropEvery = TimeSpan.FromSeconds(1);

    private readonly SqliteJournal _spool;
    private readonly string _host;
    private readonly Func<ISpoolReceiver> _journal;
    private readonly Horizon _horizon;
    private readonly ForwarderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ForwarderReport _report;
    private readonly Confirmed _confirmed;
    private readonly Mailbox<FreshBatch> _mailbox = new(MailboxBatches);
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _end = new();
    private JournalTail? _tail;
    private SpoolMismatchException? _mismatch;
    private Task _running = Task.CompletedTask;
    private Task _dropping = Task.CompletedTask;

    private Forwarder(
        SqliteJournal spool, string host, Func<ISpoolReceiver> journal, Horizon horizon, ForwarderOptions options, TimeProvider time, ILogger log)
    {
        (_spool, _host, _journal, _horizon, _options, _time, _log) = (spool, host, journal, horizon, options, time, log);
        _report = new ForwarderReport(time);
        _confirmed = new Confirmed(options.Keep, time);
    }

    /// <summary>Counters and condition as of now; safe to call from any thread.</summary>
    public ForwarderStatus Status => _report.Read(_confirmed.Seq);

    /// <summary>Starts one, before the sources of its spool.</summary>
    /// <param name="spool">A file with one shard (<see cref="SqliteJournalOptions.SpoolFile"/>); the caller closes it after the forwarder.</param>
    /// <param name="host">Name of the host whose events are in it.</param>
    /// <param name="journal">Gives the journal, or throws <see cref="JournalUnavailableException"/> while there is none.</param>
    /// <param name="horizon">Of the sources that write to the spool.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    /// <exception cref="JournalException">The spool cannot be read.</exception>
    public static async Task<Forwarder> StartAsync(
        SqliteJournal spool, string host, Func<ISpoolReceiver> journal, Horizon horizon, ForwarderOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var forwarder = new Forwarder(spool, host, journal, horizon, options, time, loggers.CreateLogger<Forwarder>());
        spool.Subscribe(forwarder);
        var extent = await spool.ReadExtentAsync().ConfigureAwait(false);
        forwarder._confirmed.Reset(extent.First - 1);
        forwarder._report.Spooled(extent.Last);
        forwarder._report.Oldest(extent.Oldest);
        forwarder._running = Task.Run(forwarder.RunAsync);
        forwarder._dropping = Task.Run(forwarder.DropAsync);
        return forwarder;
    }

    /// <inheritdoc/>
    public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
    {
        if (events[0].Spool != _spool.SpoolId)
            return;
        _report.Spooled(events[^1].Seq);
        if (!_mailbox.TryPost(new FreshBatch(previous, events)))
            Volatile.Read(ref _tail)?.Missed();
    }

    /// <summary>Gives up events that neither the spool nor the journal has any more; shipping goes on after them.</summary>
    /// <param name="seq">Seq of the last one, as the trouble names it: so nobody gives up more than was read.</param>
    /// <exception cref="InvalidOperationException">Nothing, or something else, is missing.</exception>
    /// <exception cref="JournalException">The journal could not write it down.</exception>
    public async Task SkipAsync(long seq)
    {
        if (Volatile.Read(ref _mismatch)?.Missing is not { } missing)
            throw new InvalidOperationException("No events are missing between this node's spool and the journal; there is nothing to skip.");
        if (missing.To != seq)
            throw new InvalidOperationException($"The events that are missing are {missing.From + 1} to {missing.To}, not to {seq}; nothing was skipped.");
        await _journal().SkipAsync(_spool.SpoolId, _host, missing.From, missing.To).ConfigureAwait(false);
        Volatile.Write(ref _mismatch, null);
        LogSkipped(missing.From + 1, missing.To, _spool.SpoolId);
    }

    /// <summary>Ships what is left, at most for <see cref="ForwarderOptions.Grace"/>, and ends; the rest stays in the spool for the next start. Call after the sources have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
            return;
        await _drain.CancelAsync().ConfigureAwait(false);
        _mailbox.TryPost(FreshBatch.Wake);
        await Task.WhenAny(_running, Task.Delay(_options.Grace, _time)).ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await _dropping.ConfigureAwait(false);
        if (Status.Backlog is > 0 and var left)
            LogLeft(left, _spool.SpoolId);
        _report.Stopped();
    }

    private async Task RunAsync()
    {
        var backoff = new Backoff(_time);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var journal = _journal();
                var arrived = await SpoolPosition.FindAsync(_spool, journal).ConfigureAwait(false);
                Volatile.Write(ref _mismatch, null);
                _confirmed.Reset(arrived);
                await FollowAsync(journal, arrived, backoff).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (_end.IsCancellationRequested)
            {
                // The grace is over: what waits stays in the spool.
                return;
            }
#pragma warning disable CA1031 // Reading must go on whatever happens here: it is reported, and tried again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                await ReportAsync(e).ConfigureAwait(false);
                if (_drain.IsCancellationRequested && Status.Backlog == 0)
                    return;
            }
            await Task.Delay(backoff.Next(), _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Ends when the stop has come and everything is shipped.
    private async Task FollowAsync(ISpoolReceiver journal, long arrived, Backoff backoff)
    {
        var tail = new JournalTail(_spool, 0, _mailbox, _options.BatchEvents);
        tail.StartAt(new Checkpoint(_spool.SpoolId, arrived, []));
        Volatile.Write(ref _tail, tail);
        var pace = new HorizonPace(_horizon, _time);
        Task shipping = Task.CompletedTask, next = Task.CompletedTask;
        try
        {
            while (!_end.IsCancellationRequested)
            {
                // Both are read before the mailbox: what was received before the horizon, or offered before the stop, is then in there.
                var draining = _drain.IsCancellationRequested;
                var horizon = _horizon.Read(_time.GetUtcNow());
                var events = await tail.NextAsync().ConfigureAwait(false);
                if (events.Count > 0)
                {
                    arrived = events[^1].Seq;
                    var caughtUp = tail.IsCaughtUp;
                    next = ShipAsync(journal, events, caughtUp ? horizon : null);
                    pace.Shipped(events[^1].Event.ReceivedAt, reported: caughtUp);
                    await shipping.ConfigureAwait(false);
                    shipping = next;
                    // A full batch has more behind it: they are read and encoded while this one is on its way.
                    if (events.Count < _options.BatchEvents)
                        await shipping.ConfigureAwait(false);
                }
                else
                {
                    await shipping.ConfigureAwait(false);
                    if (draining || pace.IsDue)
                    {
                        await journal.AppendAsync(_spool.SpoolId, _host, arrived, [], draining ? pace.Last(horizon) : horizon).ConfigureAwait(false);
                        pace.Reported();
                    }
                    if (draining)
                        return;
                    _report.Oldest(null);
                    await _mailbox.WaitAsync(pace.Wait, _time, _drain.Token).ConfigureAwait(false);
                }
                backoff.Reset();
                if (_report.Shipping())
                    LogShipping(_spool.SpoolId, arrived);
            }
        }
        finally
        {
            Volatile.Write(ref _tail, null);
            // One that fails after another is not news, and must have ended before the next begins.
            await Task.WhenAll(shipping, next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ShipAsync(ISpoolReceiver journal, IReadOnlyList<StoredEvent> events, DateTimeOffset? horizon)
    {
        _report.Oldest(events[0].Event.ReceivedAt);
        await journal.AppendAsync(_spool.SpoolId, _host, events[0].Seq - 1, [.. events.Select(e => e.Event)], horizon).ConfigureAwait(false);
        _confirmed.Add(events[^1].Seq);
        _report.Shipped(events.Count);
    }

    private async Task ReportAsync(Exception failure)
    {
        Volatile.Write(ref _mismatch, failure as SpoolMismatchException);
        try
        {
            var waiting = await _spool.ReadShardAsync(0, _spool.SpoolId, _confirmed.Seq, 1).ConfigureAwait(false);
            _report.Oldest(waiting.Count > 0 ? waiting[0].Event.ReceivedAt : null);
        }
        catch (JournalException e)
        {
            LogTrouble(null, _spool.SpoolId, e.Message);
        }
        var known = failure is JournalException or SpoolMismatchException;
        if (_report.Waiting(failure.Message))
            LogTrouble(known ? null : failure, _spool.SpoolId, failure.Message);
    }

    private async Task DropAsync()
    {
        var dropped = 0L;
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(DropEvery, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var upTo = _confirmed.Droppable;
                if (upTo <= dropped)
                    continue;
                await _spool.DropAsync(upTo, _end.Token).ConfigureAwait(false);
                dropped = upTo;
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (JournalException e)
            {
                // The sources meet the same trouble and report it; the events stay a little longer.
                LogNotDropped(_spool.SpoolId, e.Message);
            }
        }
    }

    [LoggerMessage(1101, LogLevel.Warning, "Spool {Spool} is not shipped at the moment: {Trouble}")]
    private partial void LogTrouble(Exception? failure, string spool, string trouble);

    [LoggerMessage(1102, LogLevel.Information, "Spool {Spool} is shipped to the journal, now at seq {Seq}")]
    private partial void LogShipping(string spool, long seq);

    [LoggerMessage(1103, LogLevel.Warning, "{Left} events of spool {Spool} are not in the journal yet; they are shipped after the next start")]
    private partial void LogLeft(long left, string spool);

    [LoggerMessage(1104, LogLevel.Warning, "Confirmed events were not dropped from spool {Spool}, tried again: {Reason}")]
    private partial void LogNotDropped(string spool, string reason);

    [LoggerMessage(1105, LogLevel.Warning, "Events {First} to {Last} of spool {Spool} were given up for lost by order of a person")]
    private partial void LogSkipped(long first, long last, string spool);
}
