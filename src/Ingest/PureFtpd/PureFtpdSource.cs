using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;
using FtpActors.Journal;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Reads what one Pure-FTPd says of itself. The FIFO of uploads is held open as long as the source runs, so that no upload waits for us or loses
/// its record. A record leaves the FIFO after it is durable. While no node runs, records are lost where the server finds no reader.
/// </summary>
public sealed class PureFtpdSource : ISource
{
    /// <summary>How long a stop may have to wait, and how long an incomplete record is left before the next look.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(1);

    private readonly PureFtpdOptions _options;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly PureFtpdStore _store;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public PureFtpdSource(PureFtpdOptions options, ISpool spool, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _time) = (options, time);
        _report = new SourceReport(options.Name, Kind);
        _store = new PureFtpdStore(spool, time, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "pureftpd";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken stop) => SourceThread.Run($"source {Name}", () => Run(stop));

    private void Run(CancellationToken stop)
    {
        var backoff = new Backoff(_time);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    Read(backoff, stop);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    _report.Waiting(e is UploadFifoException ? e.Message : $"Witness file {_options.WitnessPath}: {e.Message}");
                    backoff.Wait(stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What the spool could not store is still in the FIFO.
        }
        _report.Stopped(null);
    }

    /// <summary>One life of the FIFO: opens it and reads until the stop or trouble.</summary>
    private void Read(Backoff backoff, CancellationToken stop)
    {
        using var fifo = UploadFifo.Open(_options.Pipe!, _options.Owner, _options.PipeBytes);
        _report.Warn("size", fifo.Bytes < _options.PipeBytes
            ? $"The upload pipe holds {fifo.Bytes} bytes, {_options.PipeBytes} were wanted: a long stall of the disk makes finished uploads hang. "
                + $"Set sysctl fs.pipe-max-size={_options.PipeBytes}, or run this program as root."
            : null);
        using var witness = FifoWitness.Open(_options.WitnessPath, fifo.Bytes);
        var state = _store.ReadState(Name, stop);
        var take = new UploadTake(
            fifo, witness, state is null ? null : FifoState.Decode(state), TakingState.DigestOf(File.ReadAllText(BootId) + fifo.Identity),
            (bytes, pieces, bookmark) => _store.Store(Batch(bytes, pieces, bookmark), stop));
        take.Settle();
        _report.Reading();
        backoff.Reset();
        var checkAt = _time.GetUtcNow() + CheckEvery;
        while (!stop.IsCancellationRequested)
        {
            if (fifo.Wait(Look) && !take.Take())
            {
                // Part of a record: its writer waits for nothing but the rest of its own call, or it is damage that waits for the next record.
                TimeCalls.Nap(TimeSpan.FromMilliseconds(1));
            }
            if (take.Steals > 0)
                _report.Warn("steal", $"Another reader takes from the upload pipe {_options.Pipe}: what it takes does not reach this node. Stop it (pure-uploadscript?).");
            if (_time.GetUtcNow() >= checkAt)
            {
                if (FileIdentity.At(_options.Pipe!) != fifo.Identity)
                    throw new UploadFifoException($"Another file stands at {_options.Pipe} now; it is opened anew. Restart Pure-FTPd, which writes to the old pipe.");
                checkAt = _time.GetUtcNow() + CheckEvery;
            }
        }
    }

    private SourceBatch Batch(ReadOnlySpan<byte> bytes, IReadOnlyList<UploadPipePiece> pieces, byte[]? state)
    {
        var now = _time.GetUtcNow();
        var events = new List<FtpEvent>(pieces.Count);
        var quarantined = new List<QuarantinedMessage>();
        var at = 0;
        foreach (var piece in pieces)
        {
            if (piece.Record is { } record)
                events.Add(PureFtpdEvents.OfUpload(record, now, _options.Host, Name) with { Extra = UploadFacts.Of(record.Path) });
            else
                quarantined.Add(new QuarantinedMessage(now, Name, _options.Pipe, piece.Reason!, bytes.Slice(at, piece.Length).ToArray()));
            at += piece.Length;
        }
        return new SourceBatch(Name, events, quarantined, state);
    }
}
