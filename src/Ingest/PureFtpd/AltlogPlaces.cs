namespace FtpActors.Ingest.PureFtpd;

/// <summary>Where the reading of the alternative log stands: in the file at the path, and in the one that stood there before.</summary>
/// <param name="Current">The file at the path; null when there is none.</param>
/// <param name="Previous">
/// The one before: after a rename the server writes on into it until it is restarted, and its sessions until they end. Null when there is none.
/// </param>
internal sealed record AltlogPlaces(AltlogPlace? Current, AltlogPlace? Previous);

/// <summary>A place in one file.</summary>
/// <param name="File">Which file, whatever it is named.</param>
/// <param name="Offset">Bytes that were read.</param>
/// <param name="Before">The last bytes before it: when others stand there, the file was cut and written anew (copytruncate), and is read from its start.</param>
internal sealed record AltlogPlace(string File, long Offset, byte[] Before);
