using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Ingest.Shipping;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Ingest.Forwarding;

/// <summary>
/// Ships a spool to one server of the journal: in order, each event once. There is no timer: while one append runs, the next events gather, and go
/// together. Fresh events come by memory; after a failure, and while it is behind, they are read from the spool. Whatever fails, it asks the
/// server where it stands and goes on from there.
/// </summary>
internal sealed partial class Shipment
{
    // Sources hand over up to 4,096 events at once; what is refused here is read from the spool.
    private const int MailboxBatches = 64;

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
    private readonly CancellationToken _drain;
    private readonly CancellationToken _end;
    private JournalTail? _tail;
    private SpoolMismatchException? _mismatch;

    /// <param name="spool">The spool.</param>
    /// <param name="host">Name of the host whose events are in it.</param>
    /// <param name="journal">Gives the server, or throws <see cref="JournalUnavailableException"/> while there is none.</param>
    /// <param name="horizon">Of the sources that write to the spool.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For its log lines.</param>
    /// <param name="drain">Ship what is left, then end.</param>
    /// <param name="end">End now.</param>
    public Shipment(
        SqliteJournal spool, string host, Func<ISpoolReceiver> journal, Horizon horizon, ForwarderOptions options, TimeProvider time, ILogger log,
        CancellationToken drain, CancellationToken end)
    {
        (_spool, _host, _journal, _horizon, _options, _time, _log, _drain, _end) = (spool, host, journal, horizon, options, time, log, drain, end);
        _report = new ForwarderReport(time);
        _confirmed = new Confirmed(options.Keep, time);
    }

    public ForwarderStatus Status => _report.Read(_confirmed.Seq);

    /// <summary>The last seq that the server confirmed so long ago that it may leave the spool.</summary>
    public long Droppable => _confirmed.Droppable;

    /// <summary>Where the server stands and the last seq that neither it nor the spool has; null when nothing is missing.</summary>
    public (long From, long To)? Missing => Volatile.Read(ref _mismatch)?.Missing;

    /// <summary>Until everything is shipped after the drain, or the end.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    public void Start(SpoolExtent extent)
    {
        _confirmed.Reset(extent.First - 1);
        _report.Spooled(extent.Last);
        _report.Oldest(extent.Oldest);
        Running = Task.Run(RunAsync);
    }

    public void Offer(long previous, IReadOnlyList<StoredEvent> events)
    {
        _report.Spooled(events[^1].Seq);
        if (!_mailbox.TryPost(new FreshBatch(previous, events)))
            Volatile.Read(ref _tail)?.Missed();
    }

    /// <summary>Looks at the drain at once.</summary>
    public void Wake() => _mailbox.TryPost(FreshBatch.Wake);

    /// <summary>Gives up what is missing.</summary>
    public async Task SkipAsync((long From, long To) missing)
    {
        await _journal().SkipAsync(_spool.SpoolId, _host, missing.From, missing.To).ConfigureAwait(false);
        Volatile.Write(ref _mismatch, null);
        LogSkipped(missing.From + 1, missing.To, _spool.SpoolId);
    }

    public void Stopped() => _report.Stopped();

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
            await Task.Delay(backoff.Next(), _time, _end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                    await _mailbox.WaitAsync(pace.Wait, _time, _drain).ConfigureAwait(false);
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

    [LoggerMessage(1101, LogLevel.Warning, "Spool {Spool} is not shipped at the moment: {Trouble}")]
    private partial void LogTrouble(Exception? failure, string spool, string trouble);

    [LoggerMessage(1102, LogLevel.Information, "Spool {Spool} is shipped to the journal, now at seq {Seq}")]
    private partial void LogShipping(string spool, long seq);

    [LoggerMessage(1105, LogLevel.Warning, "Events {First} to {Last} of spool {Spool} were given up for lost by order of a person")]
    private partial void LogSkipped(long first, long last, string spool);
}
