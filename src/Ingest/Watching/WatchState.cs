using System.Text.Json;

namespace FtpActors.Ingest.Watching;

/// <summary>What a watch stores with each batch. Bytes: version and JSON.</summary>
/// <param name="Batch">The last batch that is stored.</param>
/// <param name="Began">When the folder was watched first, nanoseconds since 1970: what was there before is not told.</param>
/// <param name="HasLooked">All that was there then is among the told files.</param>
internal sealed record WatchState(long Batch, long Began, bool HasLooked)
{
    private const byte Version = 1;

    public byte[] Encode() => [Version, .. JsonSerializer.SerializeToUtf8Bytes(this)];

    /// <exception cref="InvalidDataException">Of a version, or a form, that is not known.</exception>
    public static WatchState? Decode(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        try
        {
            if (bytes is [Version, ..] && JsonSerializer.Deserialize<WatchState>(bytes.AsSpan(1)) is { } state)
                return state;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The stored state of this watch is damaged: {e.Message}", e);
        }
        throw new InvalidDataException($"The stored state of this watch ({bytes.Length} bytes) is not of a version this program knows. Run the version that wrote it.");
    }
}
