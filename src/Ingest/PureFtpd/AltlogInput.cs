namespace FtpActors.Ingest.PureFtpd;

/// <summary>A log that is followed. Belongs to one thread.</summary>
/// <param name="path">Its path.</param>
/// <param name="places">Where the one before stood.</param>
/// <param name="name">What messages call it.</param>
internal sealed class AltlogInput(string path, AltlogPlaces? places, string name = "alternative log") : IDisposable
{
    private readonly AltlogReader _reader = new(path, places);

    /// <summary>Why it cannot be read now, null when it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What is to be stored of it.</summary>
    public AltlogPlaces Places => _reader.Places;

    /// <summary>True when more can be read at once.</summary>
    public bool HasMore => Trouble is null && _reader.HasMore;

    /// <summary>The lines that came since; none with trouble.</summary>
    public IReadOnlyList<byte[]> Read()
    {
        try
        {
            var lines = _reader.Read();
            Trouble = null;
            return lines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Trouble = $"The {name} {path} cannot be read: {e.Message} This program runs as {Environment.UserName}; run it as root.";
            return [];
        }
    }

    public void Dispose() => _reader.Dispose();
}
