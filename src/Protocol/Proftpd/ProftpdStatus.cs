namespace FtpActors.Protocol.Proftpd;

/// <summary>Whether a command did what it says, by the answer; of a transfer also by its own word.</summary>
internal static class ProftpdStatus
{
    /// <summary>Codes below this are SFTP's own.</summary>
    private const int FirstFtpCode = 100;

    /// <summary>How a command went.</summary>
    public static EventStatus Of(ProftpdMessage m)
    {
        if (m.WasAborted || m.TransferStatus == "cancelled")
            return EventStatus.Aborted;
        if (m.WasCut || m.Code is 426 || m.TransferStatus == "timeout")
            return EventStatus.Incomplete;
        return m.Code switch
        {
            // SFTP answers commands about folders without a code when they worked.
            null => m.TransferStatus is null or "success" ? EventStatus.Ok : ByText(m.Answer),
            0 => EventStatus.Ok,
            2 or 10 => EventStatus.NotFound,
            3 or 12 => EventStatus.Denied,
            < FirstFtpCode => EventStatus.Failed,
            >= 200 and < 400 => m.TransferStatus is null or "success" ? EventStatus.Ok : ByText(m.Answer),
            530 or 532 => EventStatus.Denied,
            _ => ByText(m.Answer),
        };
    }

    // The answers end with strerror's words.
    private static EventStatus ByText(string? answer)
    {
        if (answer is null)
            return EventStatus.Failed;
        if (answer.Contains("No such file", StringComparison.OrdinalIgnoreCase))
            return EventStatus.NotFound;
        return answer.Contains("denied", StringComparison.OrdinalIgnoreCase) || answer.Contains("not permitted", StringComparison.OrdinalIgnoreCase)
            || answer.Contains("not allowed", StringComparison.OrdinalIgnoreCase)
            ? EventStatus.Denied
            : EventStatus.Failed;
    }
}
