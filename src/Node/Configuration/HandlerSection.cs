using FtpActors.Actors;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>handler</c>: how sessions are rebuilt, and from when on the node calls itself behind. The defaults are those of <see cref="ShardOptions"/> and <see cref="BacklogLimits"/>.</summary>
internal static class HandlerSection
{
    public static (ShardOptions Shards, BacklogLimits Backlog) Read(Section s)
    {
        var d = new ShardOptions();
        var options = d with
        {
            IdleLimit = s.Duration("idle_limit", d.IdleLimit, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)),
            ReorderWindow = s.Duration("reorder_window", d.ReorderWindow, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            ShortDuplicateWindow = s.Duration("duplicate_window_short", d.ShortDuplicateWindow, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            LongDuplicateWindow = s.Duration("duplicate_window_long", d.LongDuplicateWindow, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            SessionDuplicateWindow = s.Duration("duplicate_window_session", d.SessionDuplicateWindow, TimeSpan.Zero, TimeSpan.FromHours(1)),
        };
        if (options.ShortDuplicateWindow > options.LongDuplicateWindow)
            s.Problem("duplicate_window_short", $"must not be longer than duplicate_window_long ({Durations.Format(options.LongDuplicateWindow)}).");
        var b = new BacklogLimits();
        var backlog = new BacklogLimits(
            s.Whole("backlog_limit", b.Events, 1, long.MaxValue),
            s.Duration("backlog_age", b.Age, TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)));
        s.Done();
        return (options, backlog);
    }
}
