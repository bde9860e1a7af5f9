namespace FtpActors.Journal;

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

/// <summary>
/// The shard is no longer owned: it has a newer owner, or what held it has ended. Only the supervisor of the shard catches this: it drops all
/// state and takes the shard anew, or not.
/// </summary>
public sealed class ShardLostException : JournalException
{
    /// <summary>For a shard and the epoch that was refused.</summary>
    public ShardLostException(int shard, long epoch)
        : base($"Shard {shard} is no longer owned with epoch {epoch}: a newer owner has taken it.", null)
    {
    }

    /// <summary>For a shard, the epoch that has ended, and why.</summary>
    public ShardLostException(int shard, long epoch, string reason, Exception? inner = null)
        : base($"Shard {shard} is no longer owned with epoch {epoch}: {reason}.", inner)
    {
    }
}

/// <summary>The shard cannot be taken because another node holds it.</summary>
public sealed class ShardHeldException : JournalException
{
    /// <summary>For a shard and who holds it.</summary>
    public ShardHeldException(int shard, string holder)
        : base($"Shard {shard} is held by {holder}.", null)
    {
    }
}
