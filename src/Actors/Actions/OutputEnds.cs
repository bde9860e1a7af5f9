using FtpActors.Protocol;

namespace FtpActors.Actors.Actions;

/// <summary>Keeps the first and the last 4 KiB of any amount of output; what is between is counted and thrown away.</summary>
internal sealed class OutputEnds
{
    /// <summary>Bytes kept at each end.</summary>
    public const int Kept = 4096;

    private byte[] _first = [];
    private byte[] _ring = [];
    private int _firstLength;
    private long _later;

    /// <summary>Bytes seen.</summary>
    public long Total => _firstLength + _later;

    public string First => ReversibleText.FromBytes(_first.AsSpan(0, _firstLength));

    public string Last
    {
        get
        {
            if (_later <= Kept)
                return ReversibleText.FromBytes(_ring.AsSpan(0, (int)_later));
            var end = (int)(_later % Kept);
            return ReversibleText.FromBytes([.. _ring.AsSpan(end), .. _ring.AsSpan(0, end)]);
        }
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        if (_first.Length == 0)
            _first = new byte[Kept];
        var toFirst = Math.Min(bytes.Length, Kept - _firstLength);
        bytes[..toFirst].CopyTo(_first.AsSpan(_firstLength));
        _firstLength += toFirst;
        bytes = bytes[toFirst..];
        if (bytes.IsEmpty)
            return;

        if (_ring.Length == 0)
            _ring = new byte[Kept];
        // What would be overwritten at once is not copied at all, only counted.
        var skipped = Math.Max(0, bytes.Length - Kept);
        _later += skipped;
        foreach (var b in bytes[skipped..])
            _ring[(int)(_later++ % Kept)] = b;
    }
}
