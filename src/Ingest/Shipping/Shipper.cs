using Akka;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;
using FtpActors.Ingest.Spooling;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace FtpActors.Ingest.Shipping;

/// <summary>
/// Ships a node's spool to the handlers, wherever they live: rows of the spool, split by handler, so many on their way at a time; what all handlers confirmed is told to
/// the spool, in order. A handler that does not answer or stands elsewhere ends the run, and the next one begins where the handlers stand: a batch that is shipped twice
/// changes nothing (promise 2).
/// </summary>
internal sealed partial class Shipper
{
    private static readonly RestartSettings Restarts = RestartSettings.Create(TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(5), 0.5);

    private readonly ActorSystem _system;
    private readonly IActorRef _spool;
    private readonly IActorRef _handlers;
    private readonly ShipperOptions _options;
    private readonly Horizon _horizon;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ShipperReport _report;
    private readonly SqlReadJournal _journal;
    private readonly UniqueKillSwitch _kill;
    private readonly Task _running;

    /// <summary>Begins to ship.</summary>
    /// <param name="system">Runs the stream.</param>
    /// <param name="spool">The spool.</param>
    /// <param name="handlers">Takes messages for handlers.</param>
    /// <param name="options">Settings.</param>
    /// <param name="horizon">Of the sources that write to the spool.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For its log lines.</param>
    public Shipper(ActorSystem system, IActorRef spool, IActorRef handlers, ShipperOptions options, Horizon horizon, TimeProvider time, ILogger log)
    {
        (_system, _spool, _handlers, _options, _horizon, _time, _log) = (system, spool, handlers, options, horizon, time, log);
        _report = new ShipperReport(time);
        _journal = PersistenceQuery.Get(system).ReadJournalFor<SqlReadJournal>(SpoolContext.ReadPlugin);
        var materializer = system.Materializer();
        (_kill, _running) = RestartSource.WithBackoff(() => Run(materializer), Restarts)
            .ViaMaterialized(KillSwitches.Single<Shipment>(), Keep.Right)
            .ToMaterialized(Sink.Ignore<Shipment>(), Keep.Both)
            .Run(materializer);
    }

    /// <summary>Counters and condition as of now; safe to call from any thread.</summary>
    public ShipperStatus Status => _report.Status;

    /// <summary>Ships what is left, at most for a time, and ends; the rest stays in the spool for the next start. Call after the sources have ended.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        try
        {
            var began = _time.GetTimestamp();
            while (_time.GetElapsedTime(began) < grace && (await _spool.Ask<SpoolStatus>(AskSpool.Instance, _options.Patience).ConfigureAwait(false)).Backlog > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(20), _time).ConfigureAwait(false);
            await TellLastHorizonAsync().ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            // Spool or handlers are away: what is left is shipped, and what is held let go, when this node has started again.
        }
        _kill.Shutdown();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _report.Stopped();
    }

    // One run: from where the handlers stand, until something fails.
    private Source<Shipment, NotUsed> Run(IMaterializer materializer) => Source
        .FromTask(FindAsync())
        .ConcatMany(start => Shipments(start, materializer)
            .Select(new ShipmentSplitter(start.Spool, _options.Host, start.Handlers).Split)
            .SelectAsync(_options.InFlight, ShipAsync)
            .Select(Confirm))
        .SelectError(Report);

    private async Task<(string Spool, long Row, IReadOnlyList<long> Handlers)> FindAsync()
    {
        var start = await _spool.Ask<NextRows>(new AskRows(null, TimeSpan.Zero), _options.Patience).ConfigureAwait(false);
        var stands = await Task.WhenAll(Enumerable.Range(0, _options.Handlers)
            .Select(handler => _handlers.Ask<EventsStand>(new AskPosition(handler, start.Spool), _options.Patience))).ConfigureAwait(false);
        return (start.Spool, start.After, [.. stands.Select(s => s.Seq)]);
    }

    private Source<Shipment, NotUsed> Shipments((string Spool, long Row, IReadOnlyList<long> Handlers) start, IMaterializer materializer)
    {
        var pace = new HorizonPace(_horizon, _time);
        return Source.UnfoldAsync(start.Row, async row =>
        {
            // Before the rows are asked for: what was received before it is then durable or in a source that holds it back.
            var horizon = _horizon.Read(_time.GetUtcNow());
            var next = await _spool.Ask<NextRows>(new AskRows(row, pace.Wait), _options.Patience + pace.Wait).ConfigureAwait(false);
            var rows = next.ReadTo is { } to ? await ReadAsync(row, to, materializer).ConfigureAwait(false) : next.Rows;
            var events = rows.SelectMany(r => r.Events.Select((e, i) => new StoredEvent(r.Spool, r.FirstSeq + i, e))).ToList();
            var isAtEnd = next.ReadTo is null && next.IsAtEnd;
            if (events.Count > 0)
                pace.Shipped(events[^1].Event.ReceivedAt, reported: isAtEnd);
            else if (isAtEnd)
                pace.Reported();
            var last = row + rows.Count;
            return Option<(long, Shipment)>.Create((last, new Shipment(last, rows.Count > 0 ? rows[^1].LastSeq : 0, events, isAtEnd ? horizon : null)));
        });
    }

    // What is too old for the spool's memory is read from its journal, part by part. A row that cannot be read, or is not there, is a row without events: the spool counts it as damaged.
    private async Task<IReadOnlyList<BatchSpooled>> ReadAsync(long after, long to, IMaterializer materializer)
    {
        const int most = 64;
        var last = Math.Min(to, after + most);
        var read = await ReadEnvelopesAsync(after + 1, last, materializer).ConfigureAwait(false);
        var rows = Enumerable.Repeat(BatchSpooled.Nothing("", 1), (int)(last - after)).ToArray();
        foreach (var envelope in read)
        {
            if (envelope.Event is BatchSpooled row)
                rows[envelope.SequenceNr - after - 1] = row;
        }
        return rows;
    }

    private async Task<IReadOnlyList<EventEnvelope>> ReadEnvelopesAsync(long from, long to, IMaterializer materializer)
    {
        try
        {
            return await _journal.CurrentEventsByPersistenceId(SpoolContext.PersistenceId, from, to).RunWith(Sink.Seq<EventEnvelope>(), materializer).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The spool itself reads by another index, and may not have met the page that is damaged.
            if (JournalUnreadable.Of(SpoolContext.PersistenceId, e, x => (x as SqliteException)?.SqliteErrorCode) is { } unreadable)
                _system.EventStream.Publish(unreadable);
            throw;
        }
    }

    private async Task<SplitShipment> ShipAsync(SplitShipment shipment)
    {
        var asked = new List<Task<EventsStand>>(shipment.Parts.Count);
        foreach (var part in shipment.Parts)
        {
            if (part.Events.Count > 0)
                asked.Add(_handlers.Ask<EventsStand>(part, _options.Patience));
            else
                _handlers.Tell(part, ActorRefs.NoSender);
        }
        foreach (var stand in await Task.WhenAll(asked).ConfigureAwait(false))
        {
            if (stand.IsRefusal)
                throw new ShipmentRefusedException($"Handler {stand.Handler} stands at event {stand.Seq} of this spool, and something else was shipped to it; it is asked again.");
        }
        return shipment;
    }

    private Shipment Confirm(SplitShipment shipment)
    {
        var whole = shipment.Whole;
        if (whole.Seq > 0)
            _spool.Tell(new RowsShipped(whole.Row, whole.Seq), ActorRefs.NoSender);
        if (_report.Shipping(whole.Events.Count))
            LogShipping(whole.Row);
        return whole;
    }

    private async Task TellLastHorizonAsync()
    {
        var last = new HorizonPace(_horizon, _time).Last(_horizon.Read(_time.GetUtcNow()));
        var start = await FindAsync().ConfigureAwait(false);
        for (var handler = 0; handler < start.Handlers.Count; handler++)
            _handlers.Tell(new TakeEvents(handler, start.Spool, _options.Host, start.Handlers[handler], [], last), ActorRefs.NoSender);
    }

    private Exception Report(Exception failure)
    {
        var trouble = failure is AskTimeoutException ? "The handlers do not answer; their log lines say why. Tried again." : failure.Message;
        if (_report.Waiting(trouble))
            LogTrouble(failure is AskTimeoutException or ShipmentRefusedException ? null : failure, trouble);
        return failure;
    }

    [LoggerMessage(2101, LogLevel.Warning, "The spool is not shipped at the moment: {Trouble}")]
    private partial void LogTrouble(Exception? failure, string trouble);

    [LoggerMessage(2102, LogLevel.Information, "The spool is shipped to the handlers, now at row {Row}")]
    private partial void LogShipping(long row);
}
