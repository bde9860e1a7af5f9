namespace FtpActors.Ingest.Spooling;

/// <summary>The spool cannot go on by itself; the message says why and the way out.</summary>
internal sealed class DamagedSpoolException(string message) : Exception(message);
