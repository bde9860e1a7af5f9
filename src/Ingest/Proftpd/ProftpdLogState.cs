using System.Text.Json;
using FtpActors.Ingest.PureFtpd;

namespace FtpActors.Ingest.Proftpd;

/// <summary>A line that was read and waits for the next of its session.</summary>
/// <param name="ReceivedAt">When it was read.</param>
/// <param name="Bytes">The line.</param>
internal sealed record HeldLine(DateTimeOffset ReceivedAt, byte[] Bytes);

/// <summary>What a source stores with each batch: where it stands in its input, and the lines that it has read and not told. Bytes: version 1 and JSON.</summary>
internal sealed record ProftpdLogState
{
    private const byte Version = 1;

    /// <summary><see cref="FifoState"/>, null without a FIFO.</summary>
    public byte[]? Fifo { get; init; }
    /// <summary>Null without a file.</summary>
    public AltlogPlaces? Log { get; init; }
    /// <summary>In the order they came.</summary>
    public IReadOnlyList<HeldLine> Held { get; init; } = [];

    public byte[] Encode() => [Version, .. JsonSerializer.SerializeToUtf8Bytes(this)];

    /// <exception cref="InvalidDataException">Of a version, or a form, that is not known.</exception>
    public static ProftpdLogState Decode(byte[]? bytes)
    {
        if (bytes is null)
            return new ProftpdLogState();
        try
        {
            if (bytes is [Version, ..] && JsonSerializer.Deserialize<ProftpdLogState>(bytes.AsSpan(1)) is { } state)
                return state;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The stored state of this log source is damaged: {e.Message}", e);
        }
        throw new InvalidDataException(
            $"The stored state of this log source ({bytes.Length} bytes, version {(bytes.Length > 0 ? bytes[0] : 0)}) is not of a version this program knows. Run the version that wrote it.");
    }
}
