using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Queue;

/// <summary>Words for what is wrong with a queue, and the way out.</summary>
internal static class QueueTrouble
{
    public static string Describe(Exception e, NcFtpdQueueOptions options) => e switch
    {
        SystemVQueueException { Error: Errno.EACCES or Errno.EPERM } => Forbidden(options),
        SystemVQueueException { Error: Errno.E2BIG } =>
            $"Queue {options.Key} has a message longer than kernel.msgmax is now; it stays in the queue. Raise kernel.msgmax to its length (sysctl): the buffer follows it.",
        SystemVQueueException { Error: Errno.ENOSPC } =>
            $"Queue {options.Key} cannot be made: the system has as many queues as it may (sysctl kernel.msgmni). Remove unused ones (ipcs -q) or raise it.",
        SystemVQueueException { IsRemoved: true } => $"Queue {options.Key} was removed; it is made anew.",
        SystemVQueueException => $"Queue {options.Key}: {e.Message}.",
        IOException or UnauthorizedAccessException => $"Witness file {options.WitnessPath}: {e.Message}",
        _ => e.Message,
    };

    private static string Forbidden(NcFtpdQueueOptions options)
    {
        var owner = IpcLimits.OwnerOf(options.Key) is { } q ? $"belongs to uid {q.Uid} with mode {q.Mode}" : "belongs to somebody else";
        return $"No permission for queue {options.Key}: it {owner}, this program runs as {Environment.UserName}. "
            + "Run it as that user, or let its maker give read permission (such as mode 0660 and a common group).";
    }
}
