using System.Net;

namespace FtpActors.Ingest.Udp;

/// <summary>Digest of sender (address of 4 or 16 bytes, port of 2 in network order) and datagram, by which duplicates are known.</summary>
public delegate string DatagramFingerprint(ReadOnlySpan<byte> sender, ReadOnlySpan<byte> datagram);

/// <summary>Settings of an <c>ncftpd-udp</c> source.</summary>
public sealed record NcFtpdUdpOptions
{
    /// <summary>Name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Address and port to listen on, default 127.0.0.1:9721 (the example of NcFTPd's manual). <c>[::]</c> listens on IPv4 as well.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 9721);

    /// <summary>Senders that are allowed; empty (the default) allows every sender that reaches the address. UDP senders can be forged.</summary>
    public IReadOnlyList<IPAddress> AllowFrom { get; init; } = [];

    /// <summary>Bytes of the socket's receive buffer, default 8 MiB, 2048 or more. The kernel's default of 208 KiB holds a few hundred datagrams.</summary>
    public int ReceiveBuffer { get; init; } = 8 * 1024 * 1024;

    /// <summary>Largest datagram in bytes, 1024..65536, default 8192; a longer one is cut and its event says so.</summary>
    public int Buffer { get; init; } = 8192;

    /// <summary>Checks all figures.</summary>
    /// <exception cref="ArgumentException">A figure is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(ReceiveBuffer >= 2048, "receive_buffer", "must be 2048 or more");
        Require(Buffer is >= 1024 and <= 65536, "buffer", "must be 1024..65536");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException($"source '{Name}': {key} {rule}.");
    }
}
