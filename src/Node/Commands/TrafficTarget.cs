using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FtpActors.Ingest.Linux;

namespace FtpActors.Node.Commands;

/// <summary>Where simulated messages go: <c>mqueue:KEY</c> or <c>udp:HOST:PORT</c>.</summary>
internal abstract class TrafficTarget : IDisposable
{
    /// <summary>NcFTPd's message type is not known; its only known re-implementation sends 1.</summary>
    private const long MessageType = 1;

    // EACCES and ENOSPC of Linux.
    private const int AccessDenied = 13;
    private const int NoSpace = 28;

    /// <summary>Sends one message; a full queue waits.</summary>
    /// <exception cref="CommandException">It cannot be sent.</exception>
    public abstract void Send(ReadOnlySpan<byte> message, CancellationToken cancel);

    public abstract void Dispose();

    /// <summary>Opens a target.</summary>
    /// <exception cref="CommandException">The text names none, or it cannot be opened.</exception>
    public static TrafficTarget Open(string to)
    {
        try
        {
            if (to.StartsWith("mqueue:", StringComparison.Ordinal))
                return new Queue(QueueKey.Parse(to));
            if (to.StartsWith("udp:", StringComparison.Ordinal))
                return new Udp(to["udp:".Length..]);
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCodes.Usage, e.Message, e);
        }
        throw new CommandException(ExitCodes.Usage, $"--to {to}: give mqueue:KEY (such as mqueue:0x78C0FFEE) or udp:HOST:PORT (such as udp:127.0.0.1:9721).");
    }

    private sealed class Queue : TrafficTarget
    {
        private readonly QueueKey _key;
        private readonly SystemVQueue _queue;

        public Queue(QueueKey key)
        {
            _key = key;
            try
            {
                if (SystemVQueue.TryOpen(key) is null)
                    Console.Error.WriteLine($"ftpactors: there was no queue {key}; it is made with mode 0600 and keeps the messages until a node reads them.");
                // 0600, as a source makes it.
                _queue = SystemVQueue.OpenOrCreate(key, 0x180);
            }
            catch (SystemVQueueException e)
            {
                throw Refused(e);
            }
        }

        public override void Send(ReadOnlySpan<byte> message, CancellationToken cancel)
        {
            try
            {
                _queue.Send(MessageType, message, cancel);
            }
            catch (SystemVQueueException e)
            {
                throw Refused(e);
            }
        }

        public override void Dispose()
        {
            // A queue is a number; there is nothing to close.
        }

        private CommandException Refused(SystemVQueueException e) => new(ExitCodes.Failed,
            $"queue {_key}: {e.Message}."
            + (e.IsRemoved ? " The queue was removed meanwhile, or a message is longer than kernel.msgmax."
                : e.Error == AccessDenied ? " This user may not write to it: see its owner and mode with 'ipcs -q'."
                : e.Error == NoSpace ? " The system has no room for another queue: raise kernel.msgmni or remove unused ones ('ipcs -q')." : ""), e);
    }

    private sealed class Udp : TrafficTarget
    {
        private readonly string _to;
        private readonly Socket _socket;

        public Udp(string to)
        {
            _to = to;
            var colon = to.LastIndexOf(':');
            if (colon <= 0 || !ushort.TryParse(to.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                throw new FormatException($"udp:{to} has no port from 1 to 65535: it looks like udp:127.0.0.1:9721.");
            try
            {
                var address = Dns.GetHostAddresses(to[..colon].Trim('[', ']')).First();
                _socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                // Connected, so that the kernel tells when nobody listens there.
                _socket.Connect(new IPEndPoint(address, port));
            }
            catch (SocketException e)
            {
                throw Refused(e);
            }
        }

        public override void Send(ReadOnlySpan<byte> message, CancellationToken cancel)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                _socket.Send(message);
            }
            catch (SocketException e)
            {
                throw Refused(e);
            }
        }

        public override void Dispose() => _socket.Dispose();

        private CommandException Refused(SocketException e) => new(ExitCodes.Failed,
            $"udp:{_to}: {e.Message} (errno {e.NativeErrorCode})."
            + (e.SocketErrorCode == SocketError.ConnectionRefused ? " Nobody listens there: start a node with this source first." : ""), e);
    }
}
