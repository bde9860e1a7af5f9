namespace FtpActors.Ingest.Forwarding;

/// <summary>Spool and journal do not fit together: shipping on would lose events without a word. A person has to decide.</summary>
internal sealed class SpoolMismatchException(string message, (long From, long To)? missing = null) : Exception(message)
{
    /// <summary>Where the journal stands and the last seq that neither of the two has; null when nothing is missing.</summary>
    public (long From, long To)? Missing => missing;
}
