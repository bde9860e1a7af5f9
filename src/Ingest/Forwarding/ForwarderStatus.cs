namespace FtpActors.Ingest.Forwarding;

/// <summary>What a forwarder has to say of itself.</summary>
/// <param name="State"><c>starting</c>, <c>shipping</c> (also when there is nothing to ship), <c>waiting</c> (trouble, being tried again) or <c>stopped</c>.</param>
/// <param name="Trouble">What is wrong and the way out, null when nothing is.</param>
/// <param name="Shipped">Events that the journal has confirmed since the start.</param>
/// <param name="Backlog">Events of the spool that are not known to be in the journal. Before its first answer, all that the spool has.</param>
/// <param name="OldestWaiting">When the oldest of those was received.</param>
/// <param name="LastError">The last trouble there was, also when it is over; null when there was none since the start.</param>
/// <param name="LastErrorAt">When that was.</param>
public sealed record ForwarderStatus(
    string State, string? Trouble, long Shipped, long Backlog, DateTimeOffset? OldestWaiting, string? LastError, DateTimeOffset? LastErrorAt)
{
    // The worst first.
    private static readonly string[] States = ["waiting", "starting", "shipping", "stopped"];

    /// <summary>Several servers of one journal as one: what not all of them have confirmed waits.</summary>
    internal static ForwarderStatus Of(IReadOnlyList<ForwarderStatus> servers)
    {
        var worst = servers.MinBy(s => Array.IndexOf(States, s.State))!;
        var last = servers.MaxBy(s => s.LastErrorAt)!;
        return new ForwarderStatus(
            worst.State, worst.Trouble, servers.Min(s => s.Shipped), servers.Max(s => s.Backlog), servers.Min(s => s.OldestWaiting), last.LastError, last.LastErrorAt);
    }
}
