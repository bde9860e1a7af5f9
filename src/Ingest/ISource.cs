namespace FtpActors.Ingest;

/// <summary>One thing read on a host. It hands what it reads to the spool and tells nobody "taken" before that is durable.</summary>
public interface ISource
{
    /// <summary>Name in the configuration.</summary>
    string Name { get; }

    /// <summary>Kind in the configuration, such as <c>ncftpd-mqueue</c>.</summary>
    string Kind { get; }

    /// <summary>Counters and condition as of now; safe to call from any thread.</summary>
    SourceStatus Status { get; }

    /// <summary>
    /// Runs the source's stream until <paramref name="stop"/>; then what was read is still stored and acknowledged, and the task ends. Trouble of the source
    /// itself (queue removed, no permission, journal unavailable) is reported in <see cref="Status"/> and tried again with back-off; it does not end the stream.
    /// </summary>
    Task RunAsync(CancellationToken stop);
}

/// <summary>What a source has to say of itself.</summary>
/// <param name="Name">Name in the configuration.</param>
/// <param name="Kind">Kind in the configuration.</param>
/// <param name="State"><c>starting</c>, <c>reading</c>, <c>waiting</c> (trouble, being tried again) or <c>stopped</c>.</param>
/// <param name="Trouble">What is wrong and the way out, null when nothing is.</param>
/// <param name="Warnings">What works but should be looked at (mode of a queue, a small buffer).</param>
/// <param name="Messages">Messages made durable since start.</param>
/// <param name="Quarantined">Of these, the ones that went to quarantine.</param>
/// <param name="Dropped">Lost before they reached us and counted by the kernel (UDP).</param>
/// <param name="Refused">Refused by us (sender not allowed).</param>
/// <param name="Depth">Messages that wait in the queue, null where there is no such figure.</param>
public sealed record SourceStatus(
    string Name, string Kind, string State, string? Trouble, IReadOnlyList<string> Warnings,
    long Messages, long Quarantined, long Dropped, long Refused, long? Depth);
