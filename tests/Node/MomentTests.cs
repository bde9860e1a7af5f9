using FtpActors.Node.Configuration;

namespace FtpActors.Node.Tests;

public sealed class MomentTests
{
    [Fact]
    public void A_moment_is_a_duration_back_or_a_time_in_UTC()
    {
        var now = new DateTimeOffset(2026, 3, 8, 12, 0, 0, TimeSpan.Zero);
        Assert.True(Moments.TryParse("7d", now, out var week));
        Assert.Equal(now.AddDays(-7), week);
        Assert.True(Moments.TryParse("2026-01-31T12:30", now, out var minute));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 30, 0, TimeSpan.Zero), minute);
        Assert.True(Moments.TryParse("2026-01-31T12:30:00+02:00", now, out var zoned));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 10, 30, 0, TimeSpan.Zero), zoned);
        Assert.False(Moments.TryParse("yesterday", now, out _));
    }
}
