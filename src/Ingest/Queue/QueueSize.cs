using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Queue;

/// <summary>Gives a queue the room it should have, as far as this process may.</summary>
internal static class QueueSize
{
    /// <summary>Raises the limit towards <paramref name="wanted"/>, never lowers it, and warns when it stays below.</summary>
    public static QueueStat Raise(SystemVQueue queue, ulong wanted, SourceReport report)
    {
        var stat = queue.Stat();
        if (stat.LimitBytes < wanted && !TryResize(queue, wanted))
        {
            // Up to msgmnb no capability is needed, only ownership.
            var allowed = Math.Min(wanted, IpcLimits.QueueBytes());
            if (allowed > stat.LimitBytes)
                TryResize(queue, allowed);
        }
        stat = queue.Stat();
        report.Warn("size", stat.LimitBytes < wanted
            ? $"The queue holds only {stat.LimitBytes} bytes, {wanted} were wanted: NcFTPd loses events when it is full. Set sysctl kernel.msgmnb={wanted}, or give this program CAP_SYS_RESOURCE; both work only as the queue's owner."
            : null);
        return stat;
    }

    private static bool TryResize(SystemVQueue queue, ulong bytes)
    {
        try
        {
            queue.Resize(bytes);
            return true;
        }
        catch (SystemVQueueException e) when (e.Error == Errno.EPERM)
        {
            return false;
        }
    }
}
