namespace FtpActors.Protocol.Tests;

/// <summary>What becomes of a message's words and fields in the event.</summary>
public class NcFtpdEventTests
{
    [Theory]
    [InlineData("OK", EventStatus.Ok)]
    [InlineData("ABOR", EventStatus.Aborted)]
    [InlineData("INCOMPLETE", EventStatus.Incomplete)]
    [InlineData("ERROR", EventStatus.Failed)]
    [InlineData("PERM", EventStatus.Denied)]
    [InlineData("NOENT", EventStatus.NotFound)]
    [InlineData("", EventStatus.Unknown)]
    public void Status_words_have_their_meaning(string word, EventStatus status)
    {
        var e = Wire.Event(Wire.Transfer(5, word));
        Assert.Equal((status, EventFlags.None), (e.Status, e.Flags));
    }

    [Fact]
    public void An_unknown_status_is_flagged_and_kept()
    {
        var e = Wire.Event(Wire.Of("LISTING", "/d", "MAYBE", "*.txt", "RECURSIVE"));

        Assert.Equal((EventStatus.Unknown, EventFlags.UnknownStatus), (e.Status, e.Flags));
        Assert.Equal(["pattern=*.txt", "recursion=RECURSIVE", "MAYBE"], e.Extra);
    }

    [Fact]
    public void Fields_without_a_place_of_their_own_are_not_lost()
    {
        Assert.Equal(["mode=640"], Wire.Event(Wire.Of("CHMOD", "/f", "640")).Extra);
        Assert.Equal(["suffix=.tar.gz", "type=A", "notes=PsSf"],
            Wire.Event(Wire.Of("DOWNLOAD", "/d", "1", "1.000", "1.000", ".tar.gz", "OK", "A", "PsSf", "1001169129")).Extra);
    }

    [Theory]
    [InlineData("DELETE", EventKind.Delete)]
    [InlineData("MKDIR", EventKind.Mkdir)]
    [InlineData("RMDIR", EventKind.Rmdir)]
    public void What_is_only_reported_when_it_worked_is_ok(string type, EventKind kind)
    {
        var e = Wire.Event(Wire.Of(type, "/f"));
        Assert.Equal((kind, EventStatus.Ok, "/f"), (e.Kind, e.Status, e.Path));
    }

    [Fact]
    public void A_refused_login_is_denied_and_a_blank_email_is_none()
    {
        var e = Wire.Event(Wire.Message("FAILEDAUTH", "root", "", "", "s", "c"));
        Assert.Equal((EventKind.LoginFailed, EventStatus.Denied, null), (e.Kind, e.Status, e.Email));
    }
}
