using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>The kernel refused a call on a message queue.</summary>
public sealed class SystemVQueueException : Exception
{
    internal SystemVQueueException(string call, int errno)
        : base($"{call}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
    {
        Error = errno;
    }

    /// <summary>The errno.</summary>
    public int Error { get; }

    /// <summary>The queue no longer exists: it was removed while it was open.</summary>
    public bool IsRemoved => Error is Errno.EIDRM or Errno.EINVAL;
}
