using FtpActors.Protocol;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

public sealed class SessionTests
{
    [Fact]
    public void A_session_counts_what_its_user_did_from_login_to_logout()
    {
        var session = Assert.Single(Run(
        [
            Event(EventKind.Login, 0),
            Event(EventKind.Upload, 1000, path: "/a", bytes: 100, time: Start, seconds: 0.5),
            Event(EventKind.Upload, 2000, path: "/b", bytes: 7, status: EventStatus.Aborted),
            Event(EventKind.Download, 3000, path: "/c", bytes: 40, seconds: 2),
            Event(EventKind.Delete, 4000, path: "/d"), Event(EventKind.Rmdir, 4001, path: "/e"), Event(EventKind.Mkdir, 4002, path: "/f"),
            Event(EventKind.Rename, 4003, path: "/g"), Event(EventKind.List, 4004, path: "/h"), Event(EventKind.Chmod, 4005, path: "/h"),
            Event(EventKind.Logout, 5000),
        ]).Sessions);
        Assert.Equal((1, 1, 107L, 40L, 1), (session.Uploads, session.Downloads, session.BytesUp, session.BytesDown, session.Failures));
        Assert.Equal((2, 1, 1, 2), (session.Deletes, session.Mkdirs, session.Renames, session.Other));
        Assert.Equal((SessionBegan.Login, SessionEnded.Logout, SessionCertainty.Likely), (session.Began, session.Ended!.Value, session.Certainty));
        Assert.Equal("/c", session.Path);
        Assert.Equal(20, session.Rate);
        Assert.Equal(Start.AddSeconds(5), session.ClosedAt);
    }

    [Fact]
    public void A_session_whose_login_was_not_seen_begins_with_its_first_event()
    {
        var session = Assert.Single(Run([Event(EventKind.Delete, 0, path: "/a"), Event(EventKind.Logout, 10)]).Sessions);
        Assert.Equal(SessionBegan.Seen, session.Began);
        Assert.Equal(SessionEnded.Logout, session.Ended);
    }

    [Fact]
    public void A_running_transfer_is_shown_and_counts_nothing_until_it_ends()
    {
        FtpEvent Progress(int at, string type, long bytes) => Event(EventKind.Progress, at, path: "/a", bytes: bytes) with { Type = type };
        FtpEvent[] running = [Event(EventKind.Login, 0), Progress(1000, "upload", 0), Progress(3000, "upload", 5000)];
        var session = Assert.Single(Run(running).Sessions);
        Assert.Equal((SessionState.Uploading, "/a", 5000L, 2500.0), (session.State, session.Path, session.BytesNow, session.Rate));
        Assert.Equal((0, 0L, 0), (session.Uploads, session.BytesUp, session.Other));

        session = Assert.Single(Run([.. running, Event(EventKind.Upload, 4000, path: "/x/a", bytes: 6000)]).Sessions);
        Assert.Equal((SessionState.Idle, "/x/a", 0L), (session.State, session.Path, session.BytesNow));
        Assert.Equal((1, 6000L), (session.Uploads, session.BytesUp));

        // Another file: what it has so far was not sent since the last look.
        session = Assert.Single(Run([.. running, Progress(5000, "download", 9000)]).Sessions);
        Assert.Equal((SessionState.Downloading, 9000L, 0.0), (session.State, session.BytesNow, session.Rate));
    }

    [Fact]
    public void A_session_that_was_there_before_us_is_shown_idle_and_one_that_was_killed_is_lost()
    {
        var seen = Event(EventKind.Progress, 0) with { Type = "idle", Session = "1.2" };
        var killed = Event(EventKind.Logout, 1000, status: EventStatus.Aborted) with { Session = "1.2" };
        var session = Assert.Single(Run([seen]).Sessions);
        Assert.Equal((SessionBegan.Seen, SessionState.Idle, 0), (session.Began, session.State, session.Other));
        session = Assert.Single(Run([seen, killed]).Sessions);
        Assert.Equal((SessionEnded.Lost, SessionState.Closed), (session.Ended!.Value, session.State));
    }

    [Fact]
    public void A_session_without_a_logout_ends_at_the_idle_limit_after_its_last_event()
    {
        var played = Run([Event(EventKind.Login, 0), Event(EventKind.Delete, 1000, path: "/a")]);
        Assert.False(played.EndIdle(_ => Start.AddSeconds(1) + TimeSpan.FromHours(4)));
        Assert.True(played.EndIdle(_ => Start.AddSeconds(2) + TimeSpan.FromHours(4)));
        var session = Assert.Single(played.Sessions);
        Assert.Equal(SessionEnded.Idle, session.Ended);
        Assert.Equal(Start.AddSeconds(1) + TimeSpan.FromHours(4), session.ClosedAt);
        Assert.Equal(0, played.Router.Open);
    }

    [Fact]
    public void Whether_the_idle_limit_is_noticed_at_once_or_at_the_next_event_gives_the_same_sessions()
    {
        FtpEvent[] events = [Event(EventKind.Login, 0), Event(EventKind.Delete, 5 * 3600_000, path: "/a")];
        var late = Run(events);
        var prompt = new PlayedSessions(new ShardOptions());
        prompt.Offer(events[0]);
        prompt.EndIdle(_ => Start.AddHours(4.5));
        prompt.Offer(events[1]);
        Assert.Equal(late.Summary(), prompt.Summary());
        Assert.Equal(2, late.Sessions.Count());
    }

    [Fact]
    public void Logins_of_one_identity_at_once_are_counted_and_marked_ambiguous()
    {
        var played = Run([Event(EventKind.Login, 0), Event(EventKind.Login, 10), Event(EventKind.Delete, 20, path: "/a"), Event(EventKind.Logout, 30)]);
        Assert.Equal(1, played.Router.Open);
        Assert.Equal(2, played.Sessions.Count());
        Assert.All(played.Sessions, s => Assert.Equal(SessionCertainty.Ambiguous, s.Certainty));
        Assert.Equal(1, played.Sessions.Single(s => s.Ended == SessionEnded.Logout).Deletes);
    }

    [Fact]
    public void A_session_with_an_id_of_the_server_is_exact_and_may_learn_its_user_later()
    {
        var session = Assert.Single(Run(
        [
            Event(EventKind.Other, 0, user: "", session: "77"), Event(EventKind.Login, 10, user: "anna", session: "77"),
            Event(EventKind.Logout, 20, user: "anna", session: "77"),
        ]).Sessions);
        Assert.Equal(SessionCertainty.Exact, session.Certainty);
        Assert.Equal("anna", session.User);
    }

    [Fact]
    public void A_restart_of_the_server_ends_all_open_sessions_of_its_host_and_no_others()
    {
        var restart = Event(EventKind.Other, 100) with { Flags = EventFlags.ServerRestart, Service = "", User = "" };
        var played = Run(
        [
            Event(EventKind.Login, 0, user: "a"), Event(EventKind.Login, 1, user: "b"), Event(EventKind.Login, 2, user: "c") with { Host = "ftp2" },
            restart,
        ]);
        Assert.Equal(["a", "b"], played.Sessions.Where(s => s.Ended == SessionEnded.Restart).Select(s => s.User).Order());
        Assert.Equal(1, played.Router.Open);
    }

    [Fact]
    public void A_refused_login_is_no_session()
    {
        var played = Run([Event(EventKind.LoginFailed, 0, status: EventStatus.Denied), Event(EventKind.LoginFailed, 1, udp: true)]);
        Assert.Empty(played.Sessions);
        Assert.Equal(2, played.Passed.Count);
    }

    [Fact]
    public void Absurd_figures_of_a_stranger_never_make_a_total_negative()
    {
        var session = Assert.Single(Run(
        [
            Event(EventKind.Upload, 0, path: "/a", bytes: long.MaxValue), Event(EventKind.Upload, 1, path: "/b", bytes: long.MaxValue),
            Event(EventKind.Upload, 2, path: "/c", bytes: -5),
        ]).Sessions);
        Assert.Equal(long.MaxValue, session.BytesUp);
    }
}
