using System.Net;
using System.Net.Sockets;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Udp;

/// <summary>
/// Reads a UDP port on and on, because what is not read is lost: while enough is on its way to the spool, one batch more grows here. Its lives follow one
/// another, each on a thread of its own.
/// </summary>
internal sealed class UdpReader(NcFtpdUdpOptions options, AllowedSenders allowed, TimeProvider time, SourceReport report)
{
    /// <summary>
    /// Bounds of a batch; at them reading stops until the stream takes it, and the socket's buffer is what is left. With the
    /// <see cref="NcFtpdUdpSource.MostOnTheirWay"/> behind it, at most 5 x 16384 messages or 5 x 16 MiB of datagrams are in memory.
    /// </summary>
    private const int MostMessages = 16384;
    private const int MostBytes = 16 * 1024 * 1024;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private List<Datagram> _inHand = [];
    private int _bytes;

    /// <summary>Where it listens, null while it does not.</summary>
    public IPEndPoint? LocalEndPoint { get; private set; }

    /// <summary>One life of the port: opens it and reads until the stop or trouble.</summary>
    /// <param name="feed">Takes what is read.</param>
    /// <param name="mark">Of this source.</param>
    public void Read(Feed<UdpBatch> feed, Horizon.Mark mark)
    {
        try
        {
            using var port = Open();
            Read(port, feed, mark);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            report.Waiting(Describe(e));
        }
        LocalEndPoint = null;
        // Nothing can come in while there is no socket.
        FoundEmpty(feed, mark, time.GetUtcNow());
    }

    private UdpPort Open()
    {
        var port = UdpPort.Bind(options.Listen, options.ReceiveBuffer);
        LocalEndPoint = port.LocalEndPoint;
        report.Warn("buffer", port.ReceiveBuffer < options.ReceiveBuffer
            ? $"The receive buffer is {port.ReceiveBuffer} bytes, {options.ReceiveBuffer} were wanted: a burst may overflow it. Set sysctl net.core.rmem_max={options.ReceiveBuffer}, or give this program CAP_NET_ADMIN."
            : null);
        report.Warn("open", !IPAddress.IsLoopback(options.Listen.Address) && allowed.AreAll
            ? $"{options.Listen} takes datagrams from everybody who can reach it: set the list of allowed senders."
            : null);
        report.Reading();
        return port;
    }

    private void Read(UdpPort port, Feed<UdpBatch> feed, Horizon.Mark mark)
    {
        using var reader = new DatagramReader(options.Buffer);
        while (!feed.End.IsCancellationRequested)
        {
            // Before the look: a datagram that comes right after it belongs behind this time.
            var now = time.GetUtcNow();
            var count = reader.Read(port.Socket);
            for (var i = 0; i < count; i++)
                Accept(reader, i, now);
            if (count == 0)
            {
                report.Dropped(port.NewDrops());
                if (_inHand.Count == 0 || feed.IsWanted)
                    FoundEmpty(feed, mark, now);
                port.Wait(feed.IsIdle ? Look : TimeSpan.FromMilliseconds(1));
            }
            else if (_inHand.Count >= MostMessages || _bytes >= MostBytes)
            {
                if (feed.WaitUntilWanted())
                    Give(feed, emptyAt: null);
            }
            else if (_inHand.Count > 0 && feed.IsIdle && feed.IsWanted)
            {
                // Only to a spool that has nothing to do: while it is busy the batch grows, for fewer and larger commits.
                Give(feed, emptyAt: null);
            }
        }
        report.Dropped(port.NewDrops());
    }

    private void Accept(DatagramReader reader, int i, DateTimeOffset now)
    {
        var sender = reader.Sender(i);
        if (!allowed.Contain(sender.Address))
        {
            report.Refused();
            return;
        }
        var bytes = reader.Datagram(i).ToArray();
        _inHand.Add(new Datagram(bytes, reader.IsCut(i), sender, now));
        _bytes += bytes.Length;
    }

    /// <summary>All that came before is in hand or was given: when it is durable, so is the horizon.</summary>
    private void FoundEmpty(Feed<UdpBatch> feed, Horizon.Mark mark, DateTimeOffset at)
    {
        if (_inHand.Count > 0)
            Give(feed, at);
        else if (feed.IsIdle)
            mark.Advance(at);
    }

    private void Give(Feed<UdpBatch> feed, DateTimeOffset? emptyAt)
    {
        feed.Give(new UdpBatch(_inHand, emptyAt));
        (_inHand, _bytes) = ([], 0);
    }

    private string Describe(Exception e) => e is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        ? $"{options.Listen} (UDP) is taken by another program (ss -lunp shows which): stop that one, or give this source and ncftpd_eventd another port."
        : $"Cannot listen on {options.Listen} (UDP): {e.Message}. Give an address of this machine, or wait until it is up.";
}
