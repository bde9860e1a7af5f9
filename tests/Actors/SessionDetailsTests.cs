using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

public sealed class SessionDetailsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly SessionRecord _session = new()
    {
        Id = "a-1", Key = new SessionKey("h", "", "", "", "6b00e621.6c34"), OpenedAt = Start, Began = SessionBegan.Login,
    };

    [Fact]
    public void A_login_tells_the_server_s_end_and_it_stays()
    {
        SessionDetails.Take(_session, Event("local=192.0.2.1:21"));
        SessionDetails.Take(_session, Event("else=1"));
        Assert.Equal("192.0.2.1:21", _session.Local);
    }

    [Fact]
    public void A_running_transfer_has_its_size_its_place_and_its_start_until_it_is_over()
    {
        _session.State = SessionState.Downloading;
        SessionDetails.Take(_session, Event("total=8388608", "restart=4000000"));
        Assert.Equal((8388608L, 4000000L, Start.AddSeconds(5)), (_session.BytesTotal, _session.RestartAt, _session.TransferStartedAt));

        SessionDetails.Take(_session, Event());
        Assert.Equal(8388608, _session.BytesTotal);

        _session.State = SessionState.Idle;
        SessionDetails.Take(_session, Event());
        Assert.Equal((null, null, null), (_session.BytesTotal, _session.RestartAt, _session.TransferStartedAt));
    }

    [Fact]
    public void The_size_of_a_download_does_not_stay_for_the_upload_that_follows()
    {
        _session.State = SessionState.Downloading;
        SessionDetails.Take(_session, Event("total=8388608", "restart=0"));
        _session.State = SessionState.Uploading;
        SessionDetails.Take(_session, Event("restart=3"));
        Assert.Equal((null, 3L), (_session.BytesTotal, _session.RestartAt));
    }

    [Theory]
    [InlineData("total=-5")]
    [InlineData("total=")]
    [InlineData("total=1e9")]
    [InlineData("total=99999999999999999999")]
    public void A_size_that_is_no_number_of_bytes_is_not_known(string word)
    {
        _session.State = SessionState.Downloading;
        SessionDetails.Take(_session, Event(word, "restart=0"));
        Assert.Null(_session.BytesTotal);
    }

    [Fact]
    public void Fields_of_a_source_without_sessions_are_not_taken_for_these_words()
    {
        SessionDetails.Take(_session, Event("local=192.0.2.1:21") with { Session = null });
        Assert.Null(_session.Local);
    }

    [Fact]
    public void A_session_that_ends_has_no_running_transfer()
    {
        var session = Assert.Single(Play.Run([Event("local=192.0.2.1:21"), Progress("upload", "restart=3"), Event() with { Kind = EventKind.Logout }]).Sessions);
        Assert.Equal((null, null, "192.0.2.1:21"), (session.RestartAt, session.TransferStartedAt, session.Local));
    }

    [Fact]
    public void The_events_of_a_session_bring_them_into_its_record()
    {
        var running = new[] { Event("local=192.0.2.1:21"), Progress("download", "total=10", "restart=0") };
        var session = Assert.Single(Play.Run(running).Sessions);
        Assert.Equal(("192.0.2.1:21", 10L), (session.Local, session.BytesTotal));
        session = Assert.Single(Play.Run([.. running, Event() with { Kind = EventKind.Download, Path = "/a", Bytes = 10, Seconds = 1 }]).Sessions);
        Assert.Null(session.BytesTotal);
    }

    private static FtpEvent Progress(string type, params string[] words) => Event(words) with { Kind = EventKind.Progress, Type = type, Path = "/a", Bytes = 3 };

    private static FtpEvent Event(params string[] words) => new()
    {
        ReceivedAt = Start.AddSeconds(9), Time = Start.AddSeconds(5), Kind = EventKind.Login, Host = "h", Source = "s", Session = "6b00e621.6c34", User = "bob",
        Extra = words,
    };
}
