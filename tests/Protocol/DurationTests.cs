namespace FtpActors.Protocol.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("300ms", 0.3)]
    [InlineData("2s", 2)]
    [InlineData("1.5h", 5400)]
    [InlineData("10m", 600)]
    [InlineData("7d", 604800)]
    [InlineData("0s", 0)]
    public void A_number_and_a_unit_are_a_duration(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("1 s")]
    [InlineData("1e9d")]
    [InlineData("99999999999d")]
    [InlineData("NaNs")]
    [InlineData("2S")]
    [InlineData("1w")]
    public void Anything_else_is_not(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("90s")]
    [InlineData("250ms")]
    [InlineData("2h")]
    [InlineData("7d")]
    public void What_is_shown_reads_back_as_the_same(string text)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(text, Durations.Format(duration));
    }
}
