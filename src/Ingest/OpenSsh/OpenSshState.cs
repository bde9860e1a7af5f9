using System.Text.Json;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol.OpenSsh;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>What the source stores with each batch. Bytes: version and JSON.</summary>
/// <param name="Boot">The run of the machine that the processes belong to.</param>
/// <param name="Sessions">Open connections and channels; null before the first line.</param>
/// <param name="File">Where the reading of the file stands; null without one.</param>
/// <param name="Journal">Where the reading of the journal stands, of <see cref="SystemJournal.Place"/>; null without one.</param>
internal sealed record OpenSshState(string Boot, OpenSshMemory? Sessions, AltlogPlaces? File, string? Journal = null)
{
    private const byte Version = 1;

    public byte[] Encode() => [Version, .. JsonSerializer.SerializeToUtf8Bytes(this)];

    /// <exception cref="InvalidDataException">Of a version, or a form, that is not known.</exception>
    public static OpenSshState? Decode(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        try
        {
            if (bytes is [Version, ..] && JsonSerializer.Deserialize<OpenSshState>(bytes.AsSpan(1)) is { } state)
                return state;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The stored state of this OpenSSH source is damaged: {e.Message}", e);
        }
        throw new InvalidDataException($"The stored state of this OpenSSH source ({bytes.Length} bytes) is not of a version this program knows. Run the version that wrote it.");
    }
}
