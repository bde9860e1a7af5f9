namespace FtpActors.Protocol.Tests;

/// <summary>The vendor's one example. Its declared length, 101, fits no reading of the text it stands before.</summary>
public class NcFtpdExampleTests
{
    private const string Tokens =
        "UPLOAD\nanonymous\n\na@localhost\nloopback\nlocalhost\n/home/ftp/incoming/services\n4570\n0.020\n227.408\n\nOK\nI\n\n1001169129";

    [Fact]
    public void The_example_reads_the_same_with_and_without_a_final_line_feed()
    {
        var with = Wire.Decoded(Wire.Bytes($"STR\n114\n{Tokens}\n"));
        var without = Wire.Decoded(Wire.Bytes($"STR\n113\n{Tokens}"));

        Assert.Equal(EventFlags.None, with.Flags);
        Assert.Equal("UPLOAD", with.Type);
        Assert.Equal("anonymous", with.User);
        Assert.Equal("", with.Field3);
        Assert.Equal("a@localhost", with.Email);
        Assert.Equal("loopback", with.Host1);
        Assert.Equal("localhost", with.Host2);
        Assert.Equal("/home/ftp/incoming/services", with.Path);
        Assert.Equal(4570, with.Bytes);
        Assert.Equal(0.020, with.Seconds);
        Assert.Equal(227.408, with.Rate);
        Assert.Equal("", with.Suffix);
        Assert.Equal("OK", with.Status);
        Assert.Equal("I", with.TransferType);
        Assert.Equal("", with.Notes);
        Assert.Equal(new DateTimeOffset(2001, 9, 22, 14, 32, 9, TimeSpan.Zero), with.StartedAt);
        Assert.Empty(with.Extra);
        Wire.Same(with with { DeclaredLength = 113 }, without);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("")]
    public void The_example_as_printed_is_read_whole_and_flagged(string end)
    {
        var printed = Wire.Decoded(Wire.Bytes($"STR\n101\n{Tokens}{end}"));
        var right = Wire.Decoded(Wire.Bytes($"STR\n114\n{Tokens}\n"));

        Wire.Same(right with { DeclaredLength = 101, Flags = EventFlags.LengthMismatch }, printed);
    }

    [Fact]
    public void The_example_becomes_an_event()
    {
        var e = Wire.Event(Wire.Bytes($"STR\n114\n{Tokens}\n"));

        var expected = new FtpEvent
        {
            ReceivedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Time = new DateTimeOffset(2001, 9, 22, 14, 32, 9, TimeSpan.Zero),
            Kind = EventKind.Upload, Host = "ftp1", Service = "loopback", Source = "q", User = "anonymous", Email = "a@localhost",
            RemoteHost = "localhost", Path = "/home/ftp/incoming/services", Bytes = 4570, Seconds = 0.020, Status = EventStatus.Ok,
        };
        Assert.Equal(expected, e);
        Assert.Equal(expected.Time!.Value.AddMilliseconds(20), e.EndedAt);
    }
}
