using System.Net;
using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Udp;

/// <summary>
/// Reads NcFTPd's event messages from a UDP port. Datagrams may come twice, out of order or not at all; what the kernel drops here is counted.
/// Each event has a fingerprint, and the source's mark holds the horizon back until what was read is durable.
/// </summary>
public sealed class NcFtpdUdpSource : ISource
{
    /// <summary>Batches on their way to the spool at a time.</summary>
    internal const int MostOnTheirWay = 4;

    private readonly NcFtpdUdpOptions _options;
    private readonly ISpool _spool;
    private readonly Horizon _horizon;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly AllowedSenders _allowed;
    private readonly UdpDecoding _decoding;
    private readonly UdpReader _reader;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NcFtpdUdpSource(
        NcFtpdUdpOptions options, ISpool spool, IMessageDecoder decoder, DatagramFingerprint fingerprint, Horizon horizon, IMaterializer materializer,
        TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _horizon, _materializer, _time) = (options, spool, horizon, materializer, time);
        _report = new SourceReport(options.Name, Kind);
        _allowed = new AllowedSenders(options.AllowFrom);
        _decoding = new UdpDecoding(options.Name, decoder, fingerprint);
        _reader = new UdpReader(options, _allowed, time, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "ncftpd-udp";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <summary>Replaces the allowed senders while the source runs; empty allows every sender. Any thread may call it.</summary>
    public void Allow(IReadOnlyList<IPAddress> senders) => _allowed.Replace(senders);

    /// <summary>Where it listens, null while it does not; tells the port when 0 was asked for.</summary>
    public IPEndPoint? LocalEndPoint => _reader.LocalEndPoint;

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        using var mark = _horizon.Add(_time.GetUtcNow());
        var spool = new SpoolStage(_spool, _time, _report, stop);
        var lost = 0L;
        using var run = new SourceRun<UdpBatch>($"source {Name}", feed => _reader.Read(feed, mark), stop);
        await run.EndAsync(run.Source
            .Select(_decoding.Decode)
            .SelectAsync(MostOnTheirWay, async batch => batch with { IsStored = await spool.StoreAsync(batch.Batch).ConfigureAwait(false) })
            .RunForeach(Acknowledge, _materializer)).ConfigureAwait(false);
        _report.Dropped(lost);
        _report.Stopped(lost > 0 ? $"{lost} messages were lost: the spool could not store them before the stop, and UDP cannot send again." : null);

        void Acknowledge(UdpStoring batch)
        {
            if (!batch.IsStored)
                lost += batch.Messages;
            else if (batch.EmptyAt is { } empty)
                mark.Advance(empty);
            run.Acknowledge(batch.IsStored);
        }
    }
}
