namespace FtpActors.Journal.Tests;

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualClock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = TestEvents.Start;

    public override DateTimeOffset GetUtcNow() => Now;
}
