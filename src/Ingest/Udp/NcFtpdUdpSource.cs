using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Udp;

/// <summary>
/// Reads NcFTPd's event messages from a UDP port. Datagrams may come twice, out of order or not at all; what the kernel drops here is counted.
/// Each event has a fingerprint, and the source's mark holds the horizon back until what was read is durable.
/// </summary>
public sealed class NcFtpdUdpSource : ISource
{
    /// <summary>
    /// With all <see cref="UdpOutbox.Most"/> batches on their way, one more grows in memory up to these bounds; then reading stops and the socket's
    /// buffer is what is left. So at most 5 x 16384 messages or 5 x 16 MiB of datagrams are in memory.
    /// </summary>
    private const int MostMessages = 16384;
    private const int MostBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly NcFtpdUdpOptions _options;
    private readonly ISpool _spool;
    private readonly IMessageDecoder _decoder;
    private readonly DatagramFingerprint _fingerprint;
    private readonly Horizon _horizon;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private volatile FrozenSet<IPAddress> _allowed;
    private List<FtpEvent> _events = [];
    private List<QuarantinedMessage> _quarantined = [];
    private int _bytes;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public NcFtpdUdpSource(
        NcFtpdUdpOptions options, ISpool spool, IMessageDecoder decoder, DatagramFingerprint fingerprint, Horizon horizon, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _decoder, _fingerprint, _horizon, _time) = (options, spool, decoder, fingerprint, horizon, time);
        _report = new SourceReport(options.Name, Kind);
        _allowed = SetOf(options.AllowFrom);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "ncftpd-udp";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <summary>Replaces the allowed senders while the source runs; empty allows every sender. Any thread may call it.</summary>
    public void Allow(IReadOnlyList<IPAddress> senders) => _allowed = SetOf(senders);

    /// <summary>Where it listens, null while it does not; tells the port when 0 was asked for.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken stop) => SourceThread.Run($"source {Name}", () => Run(stop));

    private int InHand => _events.Count + _quarantined.Count;

    private void Run(CancellationToken stop)
    {
        using var mark = _horizon.Add(_time.GetUtcNow());
        var outbox = new UdpOutbox(_spool, _time, _report, mark);
        var backoff = new Backoff(_time);
        using var reader = new DatagramReader(_options.Buffer);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var port = Open();
                    backoff.Reset();
                    Read(port, reader, outbox, stop);
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    LocalEndPoint = null;
                    _report.Waiting(Describe(e));
                    // Nothing can come in while there is no socket; what came before is still on its way to the spool.
                    SendInHand(outbox, stop);
                    outbox.FoundEmpty(_time.GetUtcNow());
                    backoff.Wait(stop);
                }
            }
            Finish(outbox, stop);
            _report.Stopped(null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            var lost = outbox.Waiting + InHand;
            _report.Dropped(lost);
            _report.Stopped(lost > 0 ? $"{lost} messages were lost: the spool could not store them before the stop, and UDP cannot send again." : null);
        }
        LocalEndPoint = null;
    }

    private UdpPort Open()
    {
        var port = UdpPort.Bind(_options.Listen, _options.ReceiveBuffer);
        LocalEndPoint = port.LocalEndPoint;
        _report.Warn("buffer", port.ReceiveBuffer < _options.ReceiveBuffer
            ? $"The receive buffer is {port.ReceiveBuffer} bytes, {_options.ReceiveBuffer} were wanted: a burst may overflow it. Set sysctl net.core.rmem_max={_options.ReceiveBuffer}, or give this program CAP_NET_ADMIN."
            : null);
        _report.Warn("open", !IPAddress.IsLoopback(_options.Listen.Address) && _allowed.Count == 0
            ? $"{_options.Listen} takes datagrams from everybody who can reach it: set the list of allowed senders."
            : null);
        _report.Reading();
        return port;
    }

    private void Read(UdpPort port, DatagramReader reader, UdpOutbox outbox, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            // Before the look: a datagram that comes right after it belongs behind this time.
            var now = _time.GetUtcNow();
            var count = reader.Read(port.Socket);
            for (var i = 0; i < count; i++)
                Accept(reader, i, now);
            if (count == 0)
                _report.Dropped(port.NewDrops());

            outbox.Collect(wait: false, stop);
            var mustWait = InHand >= MostMessages || _bytes >= MostBytes;
            if (mustWait && outbox.IsFull)
                outbox.Collect(wait: true, stop);
            // While more is there to read and the spool is busy, the batch grows: fewer and larger commits.
            if (InHand > 0 && (count == 0 || mustWait || outbox.IsEmpty) && !outbox.IsFull)
                Send(outbox);
            if (count == 0)
            {
                if (InHand == 0)
                    outbox.FoundEmpty(now);
                port.Wait(outbox.IsEmpty ? Look : TimeSpan.FromMilliseconds(1));
            }
        }
        _report.Dropped(port.NewDrops());
    }

    private void Accept(DatagramReader reader, int i, DateTimeOffset now)
    {
        var sender = reader.Sender(i);
        if (_allowed.Count > 0 && !_allowed.Contains(sender.Address))
        {
            _report.Refused();
            return;
        }
        var datagram = reader.Datagram(i);
        _bytes += datagram.Length;
        if (_decoder.TryDecode(datagram, now, out var e, out var reason))
        {
            _events.Add(e with
            {
                Fingerprint = _fingerprint(SenderBytes(sender, stackalloc byte[18]), datagram),
                Flags = reader.IsCut(i) ? e.Flags | EventFlags.BufferTruncated : e.Flags,
            });
        }
        else
        {
            _quarantined.Add(new QuarantinedMessage(now, Name, sender.ToString(), reason, datagram.ToArray()));
        }
    }

    private static ReadOnlySpan<byte> SenderBytes(IPEndPoint sender, Span<byte> bytes)
    {
        sender.Address.TryWriteBytes(bytes, out var n);
        bytes[n] = (byte)(sender.Port >> 8);
        bytes[n + 1] = (byte)sender.Port;
        return bytes[..(n + 2)];
    }

    private void Send(UdpOutbox outbox)
    {
        outbox.Send(new SourceBatch(Name, _events, _quarantined));
        (_events, _quarantined, _bytes) = ([], [], 0);
    }

    private void SendInHand(UdpOutbox outbox, CancellationToken stop)
    {
        if (InHand == 0)
            return;
        if (outbox.IsFull)
            outbox.Collect(wait: true, stop);
        Send(outbox);
    }

    private void Finish(UdpOutbox outbox, CancellationToken stop)
    {
        SendInHand(outbox, stop);
        while (!outbox.IsEmpty)
            outbox.Collect(wait: true, stop);
    }

    private string Describe(Exception e) => e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        ? $"{_options.Listen} (UDP) is taken by another program (ss -lunp shows which): stop that one, or give this source and ncftpd_eventd another port."
        : $"Cannot listen on {_options.Listen} (UDP): {e.Message}. Give an address of this machine, or wait until it is up.";

    private static FrozenSet<IPAddress> SetOf(IReadOnlyList<IPAddress> senders) =>
        senders.Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).ToFrozenSet();
}
