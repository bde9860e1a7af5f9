using System.Globalization;

namespace FtpActors.Ingest.Linux;

/// <summary>Key of a System V message queue: any 32-bit number but 0. NcFTPd's manual suggests 0x78C0FFEE.</summary>
public readonly record struct QueueKey
{
    private QueueKey(uint value) => Value = value;

    /// <summary>The key as an unsigned number; the kernel's key_t is the same 32 bits.</summary>
    public uint Value { get; }

    /// <summary>
    /// Reads a key as NcFTPd's configuration writes it: hexadecimal with 0x, octal with a leading 0, else decimal; the prefix
    /// <c>mqueue:</c> may stand before it.
    /// </summary>
    /// <exception cref="FormatException">It is not such a number, does not fit 32 bits, or is 0 (IPC_PRIVATE).</exception>
    public static QueueKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var digits = text.StartsWith("mqueue:", StringComparison.Ordinal) ? text["mqueue:".Length..] : text;
        if (!TryNumber(digits, out var value))
        {
            throw new FormatException(
                $"'{text}' is not a key of a message queue: give a 32-bit number such as 0x78C0FFEE (hexadecimal), 2025914350 or 017060177756 (octal).");
        }
        return value != 0
            ? new QueueKey((uint)value)
            : throw new FormatException(
                $"'{text}' cannot be the key of a shared queue: 0 is IPC_PRIVATE, a new queue that no other program can find. Give the number of the server's ncftpd_eventd=mqueue:<key>.");
    }

    /// <summary>Such as <c>0x78C0FFEE</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:X8}");

    private static bool TryNumber(string digits, out ulong value)
    {
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value <= uint.MaxValue;
        if (digits.Length > 1 && digits[0] == '0')
            return TryOctal(digits, out value) && value <= uint.MaxValue;
        return ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= uint.MaxValue;
    }

    internal static bool TryOctal(string digits, out ulong value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value > uint.MaxValue)
                return false;
            value = value * 8 + (uint)(digit - '0');
        }
        return digits.Length > 0;
    }
}
