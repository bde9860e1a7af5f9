using System.Diagnostics.CodeAnalysis;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// Pure-FTPd's upload pipe: <c>02 account 01 path 00</c>, one record after the other, without any length. The server writes a record in one
/// call, but records may be longer than PIPE_BUF and a reader may get any part of one. Pure: the caller keeps the bytes.
/// <para>
/// The stream is cut into pieces after each 00 and before each 02, so where a piece ends does not depend on how the bytes came, and
/// after damage the next 02 begins a record again. The server never lets 00, 01 and 02 into a name, nor any control byte.
/// </para>
/// </summary>
public static class UploadPipe
{
    /// <summary>
    /// No record is longer. The longest seen is 4172 bytes; the server's buffer for the path has 4160, the account 128, the marks 3.
    /// A piece that would be longer is cut here and rejected, so a reader never has to keep more than this.
    /// </summary>
    public const int LargestRecord = 4400;

    private const byte End = 0;
    private const byte AfterAccount = 1;
    private const byte Begin = 2;

    /// <summary>Reads the first piece of <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What came and was not yet read.</param>
    /// <param name="piece">A record, or bytes to reject.</param>
    /// <returns>False: no piece is complete; give the same bytes again with more behind them. Never so from <see cref="LargestRecord"/> bytes on.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out UploadPipePiece piece)
    {
        piece = default;
        if (bytes.IsEmpty)
            return false;
        var window = bytes[..Math.Min(bytes.Length, LargestRecord)];
        var from = window[0] == Begin ? 1 : 0;
        var mark = window[from..].IndexOfAny(End, Begin);
        if (mark < 0)
        {
            if (window.Length < LargestRecord)
                return false;
            piece = new UploadPipePiece(LargestRecord, null, $"longer than any record of the upload pipe ({LargestRecord} bytes)");
            return true;
        }
        var length = from + mark + (window[from + mark] == End ? 1 : 0);
        piece = TryRecord(window[..length], out var record, out var reason)
            ? new UploadPipePiece(length, record, null)
            : new UploadPipePiece(length, null, reason);
        return true;
    }

    /// <summary>Reads bytes that should be exactly one record.</summary>
    /// <param name="bytes">The bytes, with their marks.</param>
    /// <param name="record">The record.</param>
    /// <param name="reason">Why they are none, for a person.</param>
    public static bool TryRecord(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out UploadRecord? record, [NotNullWhen(false)] out string? reason)
    {
        record = null;
        reason = Fault(bytes, out var account, out var path);
        if (reason is not null)
            return false;
        record = new UploadRecord(ReversibleText.FromBytes(account), ReversibleText.FromBytes(path));
        return true;
    }

    /// <summary>The bytes of a record as the server writes them.</summary>
    /// <exception cref="ArgumentException">A control byte, no path, or longer than <see cref="LargestRecord"/>: the pipe cannot carry it.</exception>
    public static byte[] Encode(UploadRecord record)
    {
        byte[] bytes = [Begin, .. ReversibleText.ToBytes(record.Account), AfterAccount, .. ReversibleText.ToBytes(record.Path), End];
        return Fault(bytes, out _, out _) is { } fault ? throw new ArgumentException($"The upload pipe cannot carry this record: {fault}.", nameof(record)) : bytes;
    }

    private static string? Fault(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> account, out ReadOnlySpan<byte> path)
    {
        account = path = default;
        if (bytes.Length > LargestRecord)
            return $"longer than any record of the upload pipe ({LargestRecord} bytes)";
        if (bytes.IsEmpty || bytes[0] != Begin)
            return "no record of the upload pipe begins here (a record begins with byte 02)";
        if (bytes[^1] != End)
            return "the record is not whole (another begins before its final byte 00)";
        var middle = bytes.IndexOf(AfterAccount);
        if (middle < 0)
            return "the record has no byte 01 between account and path";
        account = bytes[1..middle];
        path = bytes[(middle + 1)..^1];
        if (path.IsEmpty)
            return "the record has no path";
        return HasControls(account) ? "a control byte in the account" : HasControls(path) ? "a control byte in the path" : null;
    }

    // What pure-uploadscript refuses as well.
    private static bool HasControls(ReadOnlySpan<byte> name) => name.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0 || name.Contains((byte)0x7F);
}
