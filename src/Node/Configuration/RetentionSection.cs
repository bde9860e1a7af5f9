namespace FtpActors.Node.Configuration;

/// <summary>Section <c>retention</c>: how long things are kept, each from 1 hour to 100 years; null, the default, for ever.</summary>
/// <param name="Events">Events, from when they were received.</param>
/// <param name="Sessions">Sessions, from when they ended.</param>
/// <param name="Deliveries">Deliveries that were done or dropped, from then on. Dead letters stay.</param>
internal sealed record RetentionSection(TimeSpan? Events, TimeSpan? Sessions, TimeSpan? Deliveries)
{
    private static readonly TimeSpan Least = TimeSpan.FromHours(1);
    private static readonly TimeSpan Most = TimeSpan.FromDays(36500);

    /// <summary>Something is to be dropped at some time.</summary>
    public bool IsAny => (Events ?? Sessions ?? Deliveries) is not null;

    public static RetentionSection Read(Section s)
    {
        var section = new RetentionSection(Read(s, "events"), Read(s, "sessions"), Read(s, "deliveries"));
        s.Done();
        return section;
    }

    private static TimeSpan? Read(Section s, string name) => s.Raw(name) is null ? null : s.Duration(name, TimeSpan.FromDays(90), Least, Most);
}
