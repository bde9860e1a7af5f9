using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Queue;

/// <summary>
/// Reads NcFTPd's event messages from a System V message queue. The queue is made when it is missing and never removed: messages wait in it
/// while no node runs. The queue gives messages in order and never twice, so events have no fingerprint.
/// </summary>
public sealed class NcFtpdQueueSource : ISource
{
    private readonly NcFtpdQueueOptions _options;
    private readonly ISpool _spool;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly QueueDecoding _decoding;
    private readonly QueueReader _reader;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NcFtpdQueueSource(NcFtpdQueueOptions options, ISpool spool, IMessageDecoder decoder, IMaterializer materializer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _materializer, _time) = (options, spool, materializer, time);
        _report = new SourceReport(options.Name, Kind);
        _decoding = new QueueDecoding(options.Name, decoder, time);
        _reader = new QueueReader(options, spool, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "ncftpd-mqueue";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(_reader.Depth());

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        var spool = new SpoolStage(_spool, _time, _report, stop);
        using var run = new SourceRun<QueueBatch>($"source {Name}", _reader.Read, stop);
        await run.EndAsync(run.Source
            .Select(_decoding.Decode)
            .SelectAsync(1, spool.StoreAsync)
            .RunForeach(run.Acknowledge, _materializer)).ConfigureAwait(false);
        _report.Stopped(_reader.Cost);
    }
}
