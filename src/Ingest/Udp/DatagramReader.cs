using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Udp;

/// <summary>Up to 64 datagrams per system call (recvmmsg), into buffers that are made once and pinned.</summary>
internal sealed unsafe class DatagramReader : IDisposable
{
    private const int Most = 64;

    private readonly int _buffer;
    private readonly byte* _bytes;
    private readonly byte* _addresses;
    private readonly SocketCalls.Iovec* _iov;
    private readonly SocketCalls.Mmsghdr* _heads;

    public DatagramReader(int buffer)
    {
        _buffer = buffer;
        _bytes = (byte*)NativeMemory.AllocZeroed((nuint)Most, (nuint)buffer);
        _addresses = (byte*)NativeMemory.AllocZeroed(Most, SocketCalls.AddressBytes);
        _iov = (SocketCalls.Iovec*)NativeMemory.AllocZeroed(Most, (nuint)sizeof(SocketCalls.Iovec));
        _heads = (SocketCalls.Mmsghdr*)NativeMemory.AllocZeroed(Most, (nuint)sizeof(SocketCalls.Mmsghdr));
    }

    /// <summary>Reads what is there without waiting; the number of datagrams, 0 when there are none.</summary>
    /// <exception cref="SocketException">The kernel refused.</exception>
    public int Read(Socket socket)
    {
        for (var i = 0; i < Most; i++)
        {
            _iov[i] = new SocketCalls.Iovec { Base = _bytes + (long)i * _buffer, Length = (nuint)_buffer };
            _heads[i] = new SocketCalls.Mmsghdr
            {
                Name = _addresses + i * SocketCalls.AddressBytes, NameLength = SocketCalls.AddressBytes, Iov = _iov + i, IovLength = 1,
            };
        }
        return SocketCalls.Receive(socket, _heads, Most);
    }

    /// <summary>Bytes of datagram <paramref name="i"/> of the last <see cref="Read"/>, as far as they fitted.</summary>
    public ReadOnlySpan<byte> Datagram(int i) => new(_iov[i].Base, (int)_heads[i].Length);

    /// <summary>It was longer than the buffer.</summary>
    public bool IsCut(int i) => (_heads[i].Flags & SocketCalls.MSG_TRUNC) != 0;

    /// <summary>Who sent datagram <paramref name="i"/>. IPv4 in IPv6 (a socket on [::]) comes out as IPv4.</summary>
    public IPEndPoint Sender(int i)
    {
        // struct sockaddr_in: family u16, port u16 BE, address 4; sockaddr_in6: family, port, flow u32, address 16, scope u32.
        var raw = new ReadOnlySpan<byte>(_heads[i].Name, SocketCalls.AddressBytes);
        var port = BinaryPrimitives.ReadUInt16BigEndian(raw[2..]);
        if (MemoryMarshal.Read<ushort>(raw) == SocketCalls.AF_INET)
            return new IPEndPoint(new IPAddress(raw.Slice(4, 4)), port);
        var address = new IPAddress(raw.Slice(8, 16), MemoryMarshal.Read<uint>(raw[24..]));
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_iov);
        NativeMemory.Free(_heads);
    }
}
