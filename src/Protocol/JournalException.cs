namespace FtpActors.Protocol;

/// <summary>Base of what can go wrong with a journal. The message names the file or server and the way out.</summary>
public abstract class JournalException : Exception
{
    /// <summary>With a message for the operator and the cause.</summary>
    protected JournalException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>The journal cannot be used as it is: corrupt, of a newer version, locked by another node, read-only folder. Retrying is no use.</summary>
public sealed class JournalUnusableException : JournalException
{
    /// <summary>With a message for the operator and the cause.</summary>
    public JournalUnusableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>A write failed and nothing of it was stored (full disk, I/O error). The caller keeps what it has and tries again later.</summary>
public sealed class JournalUnavailableException : JournalException
{
    /// <summary>With a message for the operator and the cause.</summary>
    public JournalUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
