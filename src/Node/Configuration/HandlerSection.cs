using FtpActors.Actors;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>handler</c>: how sessions are rebuilt. The defaults are those of <see cref="ShardOptions"/>.</summary>
internal static class HandlerSection
{
    public static ShardOptions Read(Section s)
    {
        var d = new ShardOptions();
        var options = d with
        {
            IdleLimit = s.Duration("idle_limit", d.IdleLimit, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
            ReorderWindow = s.Duration("reorder_window", d.ReorderWindow, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            ShortDuplicateWindow = s.Duration("duplicate_window_short", d.ShortDuplicateWindow, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            LongDuplicateWindow = s.Duration("duplicate_window_long", d.LongDuplicateWindow, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        };
        if (options.ShortDuplicateWindow > options.LongDuplicateWindow)
            s.Problem("duplicate_window_short", $"must not be longer than duplicate_window_long ({Durations.Format(options.LongDuplicateWindow)}).");
        s.Done();
        return options;
    }
}
