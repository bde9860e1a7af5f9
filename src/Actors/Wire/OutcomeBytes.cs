using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Wire;

/// <summary>The bytes of how a try on another host went.</summary>
internal static class OutcomeBytes
{
    public static void Write(ByteWriter to, HostRan ran)
    {
        to.Text(ran.Key);
        to.Count((ulong)ran.Tries);
        to.Flag(ran.Outcome.Succeeded);
        to.Flag(ran.Outcome.Retryable);
        to.NumberOrNull(ran.Outcome.Code);
        to.Text(ran.Outcome.Summary);
        to.Text(ran.Outcome.FirstOutput);
        to.Text(ran.Outcome.LastOutput);
        to.NumberOrNull(ran.Outcome.RetryAfter?.Ticks);
    }

    public static HostRan Read(ref ByteReader from) => new(from.Text(), (int)from.Count(), new ActionOutcome(
        from.Flag(), from.Flag(), (int?)from.NumberOrNull(), from.Text(), from.Text(), from.Text(), from.NumberOrNull() is { } ticks ? TimeSpan.FromTicks(ticks) : null));
}
