using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Kafka;

/// <summary>
/// Reads what ProFTPD's mod_kafka writes to topics. Offsets are committed after the spool has the events before them; a message that comes again over a rebalance has the same
/// fingerprint, by which handlers know it.
/// </summary>
public sealed class ProftpdKafkaSource : ISource
{
    private readonly ProftpdKafkaOptions _options;
    private readonly ISpool _spool;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly KafkaReader _reader;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public ProftpdKafkaSource(ProftpdKafkaOptions options, ISpool spool, IMaterializer materializer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _materializer, _time) = (options, spool, materializer, time);
        _report = new SourceReport(options.Name, Kind);
        _reader = new KafkaReader(options, spool, time, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "proftpd-kafka";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        var spool = new SpoolStage(_spool, _time, _report, stop);
        using var run = new SourceRun<KafkaBatch>($"source {Name}", _reader.Read, stop);
        await run.EndAsync(run.Source
            // One at a time: each state says that all before it is stored.
            .SelectAsync(1, async batch => (Batch: batch, IsStored: await spool.StoreAsync(batch.Batch).ConfigureAwait(false)))
            .RunForeach(
                stored =>
                {
                    _reader.Acknowledge(stored.Batch, stored.IsStored);
                    run.Acknowledge(stored.IsStored);
                },
                _materializer)).ConfigureAwait(false);
        // What was not stored was not committed.
        _report.Stopped(null);
    }
}
