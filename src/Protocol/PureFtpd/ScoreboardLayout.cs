using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// Where the members of struct FTPWhoEntry lie in one build of the server. All builds agree up to the account; its length and that of the file
/// name are compile-time choices.
/// </summary>
public sealed class ScoreboardLayout
{
    private const int PeerAt = 8;
    private const int LocalAt = 136;
    private const int AddressBytes = 128;
    private const int AccountAt = 304;
    private const ushort InterNetwork = 2;
    private const ushort InterNetworkV6 = 10;

    /// <summary>Debian's build: account of 128 bytes and NUL. Measured on the real program.</summary>
    public static readonly ScoreboardLayout Debian = new(1464, 129, 1024);
    /// <summary>The upstream default with glibc: account of 127 bytes and NUL. Computed from the source.</summary>
    public static readonly ScoreboardLayout Upstream = new(1456, 128, 1024);
    /// <summary>The upstream default where the C library defines PAGE_SIZE (musl): file name of 3072 bytes. Computed from the source.</summary>
    public static readonly ScoreboardLayout Musl = new(3504, 128, 3072);

    private static readonly ScoreboardLayout[] All = [Debian, Upstream, Musl];
    private readonly int _accountBytes;
    private readonly int _fileBytes;

    private ScoreboardLayout(int length, int accountBytes, int fileBytes) => (Length, _accountBytes, _fileBytes) = (length, accountBytes, fileBytes);

    /// <summary>Bytes of a file.</summary>
    public int Length { get; }

    /// <summary>The lengths of all layouts, for messages.</summary>
    internal static string KnownLengths => string.Join(", ", All[..^1].Select(l => l.Length)) + $" or {All[^1].Length}";

    /// <summary>Bytes of the longest layout: a reader needs room for one more to see that a file is longer.</summary>
    public static int Longest => All.Max(l => l.Length);

    /// <summary>The layout of files of a length, null when there is none.</summary>
    public static ScoreboardLayout? OfLength(int length) => Array.Find(All, l => l.Length == length);

    internal bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out ScoreboardEntry? entry, [NotNullWhen(false)] out string? reason)
    {
        entry = null;
        var state = BinaryPrimitives.ReadInt32LittleEndian(file);
        var pid = BinaryPrimitives.ReadInt32LittleEndian(file[4..]);
        reason =
            state is < 0 or > (int)ScoreboardState.Upload ? $"state {state} is none of 0 to 3"
            : pid < 0 ? $"pid {pid} is below 0"
            : AddressFault("client", file[PeerAt..]) ?? AddressFault("local", file[LocalAt..]);
        if (reason is not null)
            return false;
        if (!TryTime(file[264..], out var startedAt) || !TryTime(file[272..], out var transferStartedAt))
        {
            reason = "a time is out of range";
            return false;
        }
        entry = new ScoreboardEntry
        {
            State = (ScoreboardState)state,
            Pid = pid,
            Peer = Address(file.Slice(PeerAt, AddressBytes)),
            Local = Address(file.Slice(LocalAt, AddressBytes)),
            StartedAt = startedAt,
            TransferStartedAt = transferStartedAt,
            RestartAt = BinaryPrimitives.ReadInt64LittleEndian(file[280..]),
            TotalSize = BinaryPrimitives.ReadInt64LittleEndian(file[288..]),
            CurrentSize = BinaryPrimitives.ReadInt64LittleEndian(file[296..]),
            Account = Text(file.Slice(AccountAt, _accountBytes)),
            File = Text(file.Slice(AccountAt + _accountBytes, _fileBytes)),
        };
        return true;
    }

    internal byte[] Write(ScoreboardEntry entry)
    {
        var file = new byte[Length];
        BinaryPrimitives.WriteInt32LittleEndian(file, (int)entry.State);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), entry.Pid);
        WriteAddress(file.AsSpan(PeerAt), entry.Peer);
        WriteAddress(file.AsSpan(LocalAt), entry.Local);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(264), entry.StartedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(272), entry.TransferStartedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(280), entry.RestartAt);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(288), entry.TotalSize);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(296), entry.CurrentSize);
        WriteText(file.AsSpan(AccountAt, _accountBytes), entry.Account, nameof(entry.Account));
        WriteText(file.AsSpan(AccountAt + _accountBytes, _fileBytes), entry.File, nameof(entry.File));
        return file;
    }

    // The server may have left the text without its NUL (a name of 1024 bytes before 1.0.53): the field bounds it.
    private static string Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return ReversibleText.FromBytes(end < 0 ? field : field[..end]);
    }

    private static void WriteText(Span<byte> field, string text, string name)
    {
        var bytes = ReversibleText.ToBytes(text);
        if (bytes.Length > field.Length || bytes.Contains((byte)0))
            throw new ArgumentException($"{name} has {bytes.Length} bytes; the layout has room for {field.Length} without a NUL.", name);
        bytes.CopyTo(field);
    }

    private static bool TryTime(ReadOnlySpan<byte> field, out DateTimeOffset time)
    {
        var seconds = BinaryPrimitives.ReadInt64LittleEndian(field);
        // Up to the year 9999, the end of DateTimeOffset.
        var holds = seconds is >= 0 and <= 253_402_300_799;
        time = holds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return holds;
    }

    // struct sockaddr: family in the machine's order, port and address in the network's.
    private static string? AddressFault(string which, ReadOnlySpan<byte> at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(at) is var family and not (0 or InterNetwork or InterNetworkV6)
            ? $"the {which} address has family {family}, which is neither IPv4 nor IPv6"
            : null;

    private static IPEndPoint? Address(ReadOnlySpan<byte> at)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(at[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(at) switch
        {
            InterNetwork => new IPEndPoint(new IPAddress(at.Slice(4, 4)), port),
            InterNetworkV6 => new IPEndPoint(new IPAddress(at.Slice(8, 16), BinaryPrimitives.ReadUInt32LittleEndian(at[24..])), port),
            _ => null,
        };
    }

    private static void WriteAddress(Span<byte> at, IPEndPoint? address)
    {
        if (address is null)
            return;
        var v6 = address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        BinaryPrimitives.WriteUInt16LittleEndian(at, v6 ? InterNetworkV6 : InterNetwork);
        BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)address.Port);
        address.Address.TryWriteBytes(at[(v6 ? 8 : 4)..], out _);
        if (v6)
            BinaryPrimitives.WriteUInt32LittleEndian(at[24..], (uint)address.Address.ScopeId);
    }
}
