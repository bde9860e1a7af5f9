using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using FtpActors.Ingest;
using FtpActors.Protocol;

namespace FtpActors.Node.Telemetry;

/// <summary>
/// The instruments of a node, with OpenTelemetry's names and units. Their tags have known values: names of sources, rules and handlers of the configuration, never users, paths or
/// addresses. Safe from any thread.
/// </summary>
internal sealed class NodeMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "FtpActors";

    private static readonly InstrumentAdvice<double> Short = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300] };

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _spoolWrite;
    private readonly Histogram<double> _lag;
    private readonly Counter<long> _applied;
    private readonly Histogram<double> _actions;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _lastEvents = new(StringComparer.Ordinal);
    private Func<NodeSample?> _sample = () => null;
    private Func<IReadOnlyList<SourceStatus>> _sources = () => [];
    private long _stored;

    public NodeMetrics(TimeProvider time)
    {
        _time = time;
        _events = _meter.CreateCounter<long>("ftpactors.events", "{event}", "Events that a source made durable.");
        _spoolWrite = _meter.CreateHistogram("ftpactors.spool.write.duration", "s", "How long a source waited until its batch was on disk.", advice: Short);
        _applied = _meter.CreateCounter<long>("ftpactors.handler.applied", "{event}", "Events that a handler applied to sessions and told the history of.");
        _lag = _meter.CreateHistogram("ftpactors.handler.lag", "s", "From the receipt of the oldest event of a row until its sessions and deliveries were in the history.", advice: Short);
        _actions = _meter.CreateHistogram("ftpactors.action.duration", "s", "How long a try of an action took.", advice: Short);
        ObserveSources();
        ObserveNode();
    }

    /// <summary>Events that were made durable since the start.</summary>
    public long EventsStored => Interlocked.Read(ref _stored);

    /// <summary>What is told when somebody asks.</summary>
    public void Follow(Func<NodeSample?> sample, Func<IReadOnlyList<SourceStatus>> sources) => (_sample, _sources) = (sample, sources);

    /// <summary>A batch of a source is on disk.</summary>
    public void Stored(SourceBatch batch, TimeSpan took)
    {
        _spoolWrite.Record(took.TotalSeconds, Tag("source", batch.Source));
        if (batch.Events.Count == 0)
            return;
        Interlocked.Add(ref _stored, batch.Events.Count);
        _lastEvents[batch.Source] = _time.GetUtcNow();
        foreach (var kind in batch.Events.CountBy(e => e.Kind))
            _events.Add(kind.Value, Tag("source", batch.Source), Tag("kind", Names.Of(kind.Key)));
    }

    /// <summary>A handler's row is in the history.</summary>
    public void Applied(int handler, int events, TimeSpan lag)
    {
        _applied.Add(events, Tag("shard", handler));
        _lag.Record(lag.TotalSeconds, Tag("shard", handler));
    }

    /// <summary>An action was tried.</summary>
    public void Tried(string rule, string action, bool succeeded, TimeSpan took) =>
        _actions.Record(took.TotalSeconds, Tag("rule", rule), Tag("action", action), Tag("outcome", succeeded ? "done" : "failed"));

    public void Dispose() => _meter.Dispose();

    private void ObserveSources()
    {
        Count("ftpactors.source.messages", "{message}", "Messages read from the server.", s => s.Messages);
        Count("ftpactors.source.quarantined", "{message}", "Messages that could not be decoded and are kept.", s => s.Quarantined);
        Count("ftpactors.source.dropped", "{message}", "Messages that were lost before this node got them.", s => s.Dropped);
        Count("ftpactors.source.refused", "{message}", "Messages of senders that are not allowed.", s => s.Refused);
        _meter.CreateObservableGauge("ftpactors.source.depth", () => _sources().Where(s => s.Depth is not null).Select(s => new Measurement<long>(s.Depth!.Value, Tag("source", s.Name))),
            "{message}", "Messages that wait in the server's queue.");
        _meter.CreateObservableGauge("ftpactors.source.healthy", () => _sources().Select(s => new Measurement<int>(s.Trouble is null ? 1 : 0, Tag("source", s.Name), Tag("kind", s.Kind))),
            "1", "1 when the source is read, 0 when it is in trouble.");
        _meter.CreateObservableGauge("ftpactors.source.last_event", () => _lastEvents.Select(e => new Measurement<double>(e.Value.ToUnixTimeMilliseconds() / 1000.0, Tag("source", e.Key))),
            "s", "When the last event of a source was made durable, in seconds since 1970; not there before the first one since the start.");

        void Count(string name, string unit, string text, Func<SourceStatus, long> value) =>
            _meter.CreateObservableCounter(name, () => _sources().Select(s => new Measurement<long>(value(s), Tag("source", s.Name))), unit, text);
    }

    private void ObserveNode()
    {
        Gauge("ftpactors.node.ready", "1", "1 when everything has recovered and the sources run.", s => [new(s.IsReady ? 1 : 0)]);
        Gauge("ftpactors.spool.backlog", "{event}", "Durable events that are not known to be in a handler's journal.", s => s.Backlog?.Spool is { } spool ? [new(spool.Backlog)] : []);
        Gauge("ftpactors.spool.oldest_unshipped", "s", "Age of the oldest of them; 0 when there is none.", s => s.Backlog?.Spool is { } spool ? [new(Age(spool.OldestWaiting))] : []);
        Gauge("ftpactors.handler.waiting", "{event}", "Events that a handler has and that are not in the history yet.", s => OfHandlers(s, h => h.Waiting));
        Gauge("ftpactors.handler.oldest_unread", "s", "Age of the oldest of them; 0 when there is none.", s => OfHandlers(s, h => Age(h.OldestWaiting)));
        Gauge("ftpactors.handler.sessions", "{session}", "Open sessions of a handler.", s => OfHandlers(s, h => h.OpenSessions));
        Gauge("ftpactors.handler.damaged", "{row}", "Rows of a handler's journal that cannot be read.", s => OfHandlers(s, h => h.Damaged));
        Gauge("ftpactors.handlers.homeless", "{handler}", "Handlers that live nowhere just now.", s => s.Homeless is { } homeless ? [new(homeless)] : []);
        Gauge("ftpactors.deliveries", "{delivery}", "Deliveries by rule and state. Of the whole history: in a cluster every handler node says the same.",
            s => s.Deliveries.Select(d => new Measurement<double>(d.Count, Tag("rule", d.Rule), Tag("state", d.State))));
        Counted("ftpactors.handler.duplicates", "{event}", "Duplicates that were dropped since the journal was made.", h => h.Duplicates);
        Counted("ftpactors.handler.reordered", "{event}", "Events that were put back in order since the journal was made.", h => h.Reordered);

        void Gauge(string name, string unit, string text, Func<NodeSample, IEnumerable<Measurement<double>>> read) =>
            _meter.CreateObservableGauge(name, () => _sample() is { } sample ? read(sample) : [], unit, text);

        void Counted(string name, string unit, string text, Func<Actors.Handlers.HandlerStatus, long> value) =>
            _meter.CreateObservableCounter(name, () => (_sample()?.Backlog?.Handlers ?? []).Select(h => new Measurement<long>(value(h), Tag("shard", h.Handler))), unit, text);
    }

    private static IEnumerable<Measurement<double>> OfHandlers(NodeSample sample, Func<Actors.Handlers.HandlerStatus, double> value) =>
        (sample.Backlog?.Handlers ?? []).Select(h => new Measurement<double>(value(h), Tag("shard", h.Handler)));

    private double Age(DateTimeOffset? since) => since is { } time ? Math.Max(0, (_time.GetUtcNow() - time).TotalSeconds) : 0;

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}
