using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;
using static FtpActors.Ingest.Tests.TrackerPlay;

namespace FtpActors.Ingest.Tests;

public sealed class SessionTrackerTests
{
    [Fact]
    public void A_session_logs_in_uploads_and_logs_out_in_that_order()
    {
        var play = new TrackerPlay(pipe: true);
        Assert.Empty(play.See(Entry(7, "?")));
        Assert.Equal(["login alice"], play.See(Entry(7)));
        Assert.Equal(["progress upload a.bin 10"], play.See(Uploading(7, "a.bin", 10)));
        // The record comes before the scoreboard says idle; the figures come with that.
        Assert.Empty(play.Record("/home/a.bin", 30));
        Assert.Equal(["upload /home/a.bin 30 unknown"], play.See(Idle(7, 30)));
        Assert.Equal(["logout unknown"], play.See());
        Assert.All(play.Events, e => Assert.Equal((PureFtpdSession.Id(Start, 7), "192.0.2.7"), (e.Session, e.RemoteHost)));
    }

    [Fact]
    public void A_transfer_whose_name_the_server_has_not_written_yet_is_not_taken_for_another_one()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Idle(7, 30));
        // The state is written first: time and figures are still the last transfer's.
        Assert.Empty(play.See(Idle(7, 30) with { State = ScoreboardState.Upload }));
        Assert.Equal(["progress upload b.bin 10"], play.See(Uploading(7, "b.bin", 10, second: 9)));
        play.Record("/home/b.bin", 20);
        Assert.Equal(["upload /home/b.bin 20 unknown"], play.See(Idle(7, 20, second: 9)));
    }

    [Fact]
    public void A_record_that_comes_just_after_the_scoreboard_was_read_waits_for_the_next_reading()
    {
        var play = new TrackerPlay(pipe: true, scoreboard: true);
        play.See(Entry(7, "?"));
        // Logged in and uploaded since.
        Assert.Empty(play.Record("/home/a.bin", 30));
        Assert.Equal(["login alice", "upload /home/a.bin 30 unknown"], play.See(Idle(7, 30)));
        Assert.Equal(PureFtpdSession.Id(Start, 7), play.Events[1].Session);
    }

    [Fact]
    public void A_connection_without_a_login_is_no_session()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Entry(7, "?"));
        play.See();
        Assert.Empty(play.Events);
    }

    [Fact]
    public void Who_was_there_before_anybody_looked_is_shown_without_a_login()
    {
        var play = new TrackerPlay(pipe: true, looked: false);
        Assert.Equal(["progress idle"], play.See(Entry(7)));
        Assert.Equal(["login alice"], play.See(Entry(7), Entry(8)));
    }

    [Fact]
    public void A_session_of_which_only_the_last_words_were_read_is_told_whole()
    {
        var play = new TrackerPlay(pipe: true);
        var words = Idle(7, 5) with { State = ScoreboardState.Free };
        play.Step(new TrackerInput(play.Now) { Reading = Reading([], [words]), Records = [play.Notice("/home/x", 5)] });
        Assert.Equal(["login alice", "upload /home/x 5 unknown", "logout unknown"], play.Texts);
    }

    [Fact]
    public void Line_record_and_scoreboard_of_an_upload_are_one_event_in_whatever_order_they_are_seen()
    {
        Action<TrackerPlay>[] says =
        [
            p => p.Record("/home/a.bin", 30),
            p => p.Line("/home/a.bin", 30, upload: true),
            p => p.See(Idle(7, 30)),
        ];
        foreach (var order in new int[][] { [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            var play = new TrackerPlay(pipe: true, altlog: true);
            play.See(Uploading(7, "a.bin", 10));
            foreach (var i in order)
                says[i](play);
            play.See();
            Assert.Equal(["login alice", "progress upload a.bin 10", "upload /home/a.bin 30 unknown", "logout unknown"], play.Texts);
            Assert.Equal(PureFtpdSession.Id(Start, 7), play.Events[2].Session);
        }
    }

    [Fact]
    public void What_one_input_has_lost_the_others_tell_after_the_hold()
    {
        var play = new TrackerPlay(pipe: true, altlog: true);
        play.See(Entry(7));
        Assert.Empty(play.Line("/home/a", 3, upload: true));
        Assert.Equal(["upload /home/a 3 unknown"], play.Wait(TimeSpan.FromSeconds(2)));
        Assert.Empty(play.Record("/home/b", 4));
        Assert.Equal(["upload /home/b - unknown"], play.Wait(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Two_sessions_of_one_account_are_told_apart_by_the_file_or_said_to_be_ambiguous()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Uploading(7, "a.bin", 10), Uploading(8, "b.bin", 10));
        play.Record("/home/b.bin", 20);
        play.See(Uploading(7, "a.bin", 12), Idle(8, 20));
        Assert.Equal((PureFtpdSession.Id(Start, 8), EventFlags.None), (play.Events[^1].Session, play.Events[^1].Flags));

        play = new TrackerPlay(pipe: true);
        play.See(Entry(7), Entry(8));
        play.Record("/home/c", 5);
        Assert.Equal((null, EventFlags.Ambiguous), (play.Events[^1].Session, play.Events[^1].Flags));
        // The name of the session in the stats format decides.
        play = new TrackerPlay(pipe: true, altlog: true);
        play.See(Entry(7), Entry(8));
        play.Record("/home/c", 5);
        play.Line("/home/c", 5, upload: true, pid: 8);
        Assert.Equal((PureFtpdSession.Id(Start, 8), EventFlags.None, "192.0.2.8"), (play.Events[^1].Session, play.Events[^1].Flags, play.Events[^1].RemoteHost));
    }

    [Fact]
    public void Two_uploads_of_one_name_in_two_sessions_stay_two_events_when_they_cannot_be_told_apart()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Uploading(7, "a.bin", 10), Uploading(8, "a.bin", 10));
        play.Record("/x/a.bin", 20);
        play.Record("/y/a.bin", 20);
        play.See(Idle(7, 20), Idle(8, 20));
        play.Wait(TimeSpan.FromSeconds(3));
        play.See();
        Assert.Equal(2, play.Events.Count(e => e.Kind == EventKind.Upload));
        Assert.Contains(play.Events, e => e.Flags == EventFlags.Ambiguous);
    }

    [Fact]
    public void An_upload_without_a_record_alone_is_unknown_for_another_reader_may_have_taken_it()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Entry(7));
        play.Record("/b", 1);
        play.See(Uploading(7, "c", 10, second: 9));
        play.See(Idle(7, 12, second: 9));
        Assert.Equal(["upload c 12 unknown"], play.Wait(TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData(100, 0, "ok")]
    [InlineData(60, 0, "incomplete")]
    [InlineData(100, 40, "ok")]
    [InlineData(60, 40, "incomplete")]
    public void A_download_that_came_and_went_between_two_readings_is_judged_by_the_figures_that_stay(long end, long restart, string status)
    {
        var figures = Idle(7, end) with { TotalSize = 100, RestartAt = restart };
        Action<TrackerPlay>[] says =
        [
            p => p.Step(new TrackerInput(p.Now) { Lines = [p.Notice("/d", end - restart, size: 100)] }),
            p => p.See(figures),
        ];
        foreach (var order in new int[][] { [0, 1], [1, 0] })
        {
            var play = new TrackerPlay(altlog: true, scoreboard: true);
            play.See(Entry(7));
            foreach (var i in order)
                says[i](play);
            play.Step(new TrackerInput(play.Now) { Reading = Reading([], [figures with { State = ScoreboardState.Free }]) });
            Assert.Equal(["login alice", $"download /d {end - restart} {status}", "logout unknown"], play.Texts);
        }
    }

    [Fact]
    public void An_upload_that_is_not_reported_has_failed_once_the_log_is_known_to_speak()
    {
        var play = new TrackerPlay(altlog: true);
        play.See(Uploading(7, "a", 10));
        play.See(Idle(7, 10));
        Assert.Equal(["upload a 10 unknown"], play.Wait(TimeSpan.FromSeconds(2)));
        play.Line("/b", 1, upload: true);
        play.Wait(TimeSpan.FromSeconds(2));
        play.See(Uploading(7, "a", 10, second: 9));
        play.See(Idle(7, 12, second: 9));
        Assert.Equal(["upload a 12 failed"], play.Wait(TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void A_transfer_whose_session_is_killed_is_aborted_and_the_session_too()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Uploading(7, "a", 10));
        play.Step(new TrackerInput(play.Now) { Reading = Reading([], [Uploading(7, "a", 17)]) });
        Assert.Equal(["upload a 17 aborted", "logout aborted"], play.Texts[^2..]);
    }

    [Theory]
    [InlineData(100, "ok")]
    [InlineData(60, "incomplete")]
    public void A_download_is_judged_by_where_it_ended(long end, string status)
    {
        var play = new TrackerPlay(pipe: true);
        var running = Entry(7) with { State = ScoreboardState.Download, File = "d", RestartAt = 20, TotalSize = 100, CurrentSize = 40, TransferStartedAt = Start.AddSeconds(5) };
        Assert.Equal(["login alice", "progress download d 40"], play.See(running));
        Assert.Equal([$"download d {end - 20} {status}"], play.See(running with { State = ScoreboardState.Idle, File = "", CurrentSize = end }));
    }

    [Fact]
    public void An_upload_whose_file_is_shorter_than_what_came_is_incomplete_and_a_trusted_end_is_ok()
    {
        foreach (var (size, trust, status) in new[] { (30L, false, "unknown"), (30L, true, "ok"), (20L, true, "incomplete"), (40L, true, "unknown") })
        {
            var play = new TrackerPlay(pipe: true, trust: trust);
            play.See(Uploading(7, "a", 10));
            play.Record("/home/a", size);
            Assert.Equal([$"upload /home/a 30 {status}"], play.See(Idle(7, 30)));
        }
    }

    [Fact]
    public void Progress_comes_at_the_start_and_then_no_more_often_than_set()
    {
        var play = new TrackerPlay(pipe: true);
        Assert.Equal(["login alice", "progress upload a 1"], play.See(Uploading(7, "a", 1)));
        play.Now += TimeSpan.FromSeconds(9);
        Assert.Empty(play.See(Uploading(7, "a", 2)));
        play.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(["progress upload a 3"], play.See(Uploading(7, "a", 3)));
    }

    [Fact]
    public void A_reading_with_trouble_ends_no_session()
    {
        var play = new TrackerPlay(pipe: true);
        play.See(Entry(7));
        play.Step(new TrackerInput(play.Now) { Reading = new ScoreboardReading([], "no permission", []) });
        Assert.Equal(["login alice"], play.Texts);
    }

    [Fact]
    public void The_next_tracker_knows_the_sessions_and_what_was_not_told()
    {
        var play = new TrackerPlay(pipe: true, altlog: true);
        play.See(Entry(7), Uploading(8, "b", 3));
        play.Record("/home/a", 4);
        play.Restart();
        // Nobody logs in again, the pending upload is told, and who went meanwhile is gone.
        Assert.Equal(["upload /home/a 4 unknown"], play.Line("/home/a", 4, upload: true));
        play.Restart();
        // What happened to the upload nobody saw: no failure is made up.
        Assert.Equal(["login alice", "upload b - unknown", "logout unknown"], play.See(Entry(7), Entry(9)));
    }
}
