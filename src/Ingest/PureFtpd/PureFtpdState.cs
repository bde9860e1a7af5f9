using System.Text.Json;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// What a source stores with each batch: where it stands in every input, and what it has not told yet. Bytes: version 2 and JSON. Version 1 was the bookmark of
/// the pipe alone.
/// </summary>
internal sealed record PureFtpdState
{
    private const byte Version = 2;
    private const byte PipeAlone = 1;

    /// <summary><see cref="FifoState"/>, null before the first record.</summary>
    public byte[]? Fifo { get; init; }
    /// <summary>Null before the log was first read.</summary>
    public AltlogPlaces? Altlog { get; init; }
    /// <summary>The sessions.</summary>
    public TrackerMemory Memory { get; init; } = new();

    public byte[] Encode() => [Version, .. JsonSerializer.SerializeToUtf8Bytes(this)];

    /// <exception cref="InvalidDataException">Of a version, or a form, that is not known.</exception>
    public static PureFtpdState Decode(byte[]? bytes)
    {
        if (bytes is null)
            return new PureFtpdState();
        if (bytes is [PipeAlone, ..])
            return new PureFtpdState { Fifo = bytes };
        try
        {
            if (bytes is [Version, ..] && JsonSerializer.Deserialize<PureFtpdState>(bytes.AsSpan(1)) is { } state)
                return state;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The stored state of this Pure-FTPd source is damaged: {e.Message}", e);
        }
        throw new InvalidDataException(
            $"The stored state of this Pure-FTPd source ({bytes.Length} bytes, version {(bytes.Length > 0 ? bytes[0] : 0)}) is not of a version this program knows. Run the version that wrote it.");
    }
}
