namespace FtpActors.Actors;

/// <summary>Settings of the handler side. All have defaults that need no thought.</summary>
public sealed record ShardOptions
{
    /// <summary>A session of which nothing was heard for so long ends as <c>idle</c>. Default 4 hours: a server that reports a transfer
    /// at its end (NcFTPd) is silent for as long as the transfer takes.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Longest time that the sequencer holds an event to mend its order. Default 300 ms.</summary>
    public TimeSpan ReorderWindow { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Two identical datagrams within this time are one, when they carry no time of their own. Default 250 ms.</summary>
    public TimeSpan ShortDuplicateWindow { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The same for messages that carry their own time and figures (transfers). Default 10 s.</summary>
    public TimeSpan LongDuplicateWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Two messages of a server that gives its sessions ids (ProFTPD), with the same session, time, command and parameters, are one within this time, also when two nodes read them. Default 2 minutes.</summary>
    public TimeSpan SessionDuplicateWindow { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Most events of one row of a handler's journal; bounds the memory of a step. Default 2,000.</summary>
    public int StepEvents { get; init; } = 2000;

    /// <summary>
    /// How long after a row the next one gathers events when few come. Each write costs about a millisecond of CPU all told, so at a few thousand events a second it
    /// pays to wait a little. Default 4 ms; 0 does not wait.
    /// </summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromMilliseconds(4);

    /// <summary>With so many events in hand a handler gathers no longer. Default 1,024.</summary>
    public int GatherEvents { get; init; } = 1024;
}
