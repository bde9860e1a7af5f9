using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.Watching;

namespace FtpActors.Protocol.Tests;

/// <summary>Finished files out of what inotify says. The captures are of real clients.</summary>
public class FinishedFilesTests
{
    [Theory]
    [InlineData("01_put_small", "", "Finished a.bin")]
    [InlineData("02_put_large", "", "Finished big.bin")]
    [InlineData("03_put_concurrent", "", "Finished c3.bin,Finished c1.bin,Finished c2.bin,Finished c4.bin")]
    [InlineData("03b_put_one_session_many", "", "Finished c1.bin,Finished c2.bin,Finished c3.bin,Finished c4.bin")]
    [InlineData("04_overwrite", "a.bin", "Finished a.bin")]
    [InlineData("05_reput", "big.bin", "Finished big.bin")]
    [InlineData("06_abort_kill9", "", "Finished big.bin")]
    [InlineData("06b_abort_int", "", "Finished big.bin")]
    [InlineData("07_put_p", "", "Finished a.bin")]
    [InlineData("07b_put_f", "", "Finished a.bin")]
    [InlineData("08_rename", "a", "Renamed a b")]
    [InlineData("08b_rename_over", "a,b", "Renamed a b")]
    [InlineData("08c_rename_l", "a", "Renamed a b")]
    [InlineData("09_rm", "a", "Removed a")]
    [InlineData("12_chmod", "a", "")]
    [InlineData("13_symlink", "a", "")]
    [InlineData("14_get", "a", "")]
    [InlineData("16_scp_sftp", "", "Finished s.bin")]
    [InlineData("16b_scp_p", "", "Finished s.bin")]
    [InlineData("16c_scp_legacy", "", "Finished s.bin")]
    [InlineData("17_rsync", "", "Finished r.bin from .r.bin.")]
    [InlineData("17b_rsync_t", "r.bin", "Finished r.bin from .r.bin.")]
    [InlineData("17c_rsync_inplace", "", "Finished r.bin")]
    [InlineData("17d_rsync_delay", "", "Finished r.bin from .~tmp~/r.bin")]
    [InlineData("18_lftp_put_temp", "", "Finished small.bin from .in.small.bin")]
    [InlineData("18b_lftp_put", "", "Finished small.bin")]
    [InlineData("19b_openwr_close", "a", "")]
    [InlineData("19c_put_empty", "", "Finished a.bin")]
    [InlineData("22_server_kill_isf", "", "Finished big.bin")]
    [InlineData("22_server_kill_mon", "", "Finished big.bin")]
    [InlineData("24_two_clients_same_file", "", "Finished same.bin")]
    [InlineData("25_put_to_full_perm", "", "")]
    public void Each_captured_action_of_a_client_gives_what_it_was(string capture, string had, string expected)
    {
        var play = WatchPlay.Of(capture, [.. had.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => "/d/" + n)]);
        var news = play.News.Select(n => $"{n.Kind} {(n.Kind == FileNewsKind.Renamed ? Name(n.From!) + " " : "")}{Name(n.Path)}"
            + (n.Kind == FileNewsKind.Finished && n.From is { } from ? $" from {Name(from)}" : "")).ToList();
        var wanted = expected.Split(',', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(wanted.Length, news.Count);
        Assert.All(wanted.Zip(news), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void A_closing_that_is_heard_after_the_look_at_its_file_is_counted_with_it_and_that_of_a_later_version_is_told()
    {
        var play = new WatchPlay();
        play.Write("/d/a");
        play.Record("/d/a", InotifyMask.Create);
        play.Record("/d/a", InotifyMask.CloseWrite);
        play.BeforeTold = () =>
        {
            play.BeforeTold = null;
            play.Record("/d/a", InotifyMask.CloseWrite);
        };
        play.Pass(20);
        Assert.Equal(2, Assert.Single(play.News).Closings);

        play.Write("/d/a");
        play.Record("/d/a", InotifyMask.CloseWrite);
        play.BeforeTold = () =>
        {
            play.BeforeTold = null;
            play.Write("/d/a");
            play.Record("/d/a", InotifyMask.CloseWrite);
        };
        play.Pass(20);
        Assert.Equal([2, 1, 1], play.News.Select(n => n.Closings));
    }

    [Fact]
    public void Rsync_with_delayed_updates_is_known_by_its_name_when_its_folder_was_gone_before_it_was_watched()
    {
        var play = WatchPlay.Of("17d_rsync_delay", [], path => !path.Contains("/.~tmp~/", StringComparison.Ordinal));
        var news = Assert.Single(play.News);
        Assert.StartsWith("/d/.r.bin.", news.From, StringComparison.Ordinal);
        // Once: what comes from elsewhere later is no file of rsync.
        play.Write("/d/r.bin");
        play.Record("/d/r.bin", InotifyMask.MovedTo, cookie: 9);
        play.Pass(5);
        Assert.Null(play.News[^1].From);
        Assert.Equal(2, play.News.Count);
    }

    [Theory]
    [InlineData("/d/.r.bin.aB3xYz", "/d/r.bin")]
    [InlineData(".a.aB3xYz", "a")]
    [InlineData("/d/..aB3xYz", null)]
    [InlineData("/d/r.bin.aB3xYz", null)]
    [InlineData("/d/.aB3xYz", null)]
    [InlineData("/.d/a", null)]
    [InlineData("", null)]
    public void The_target_of_a_temporary_name_of_rsync_is_in_the_name(string path, string? target) => Assert.Equal(target, WatchRules.RsyncTarget(path));

    [Fact]
    public void What_a_writer_wrote_between_the_look_and_the_question_for_it_is_told()
    {
        var play = new WatchPlay(steady: 0);
        play.Open("/d/a");
        play.Write("/d/a");
        play.Record("/d/a", InotifyMask.Create);
        // Of another writer, before it.
        play.Record("/d/a", InotifyMask.CloseWrite);
        play.BeforeAsked = () =>
        {
            play.BeforeAsked = null;
            play.Write("/d/a", 6);
            play.Close("/d/a");
        };
        play.Pass(1);
        play.Record("/d/a", InotifyMask.CloseWrite);
        play.Pass(1);
        Assert.Equal(7, Assert.Single(play.News).Look!.Value.Version.Size);
    }

    [Fact]
    public void Two_writers_of_one_name_are_one_finished_file_after_the_second()
    {
        var play = WatchPlay.Of("24_two_clients_same_file", []);
        var news = Assert.Single(play.News);
        Assert.Equal(2, news.Closings);
        Assert.Equal(0, play.Finished.Waiting);
    }

    [Fact]
    public void A_file_that_is_open_is_never_finished_however_long_its_client_stalls()
    {
        var play = new WatchPlay();
        play.Open("/d/f");
        play.Write("/d/f");
        play.Record("/d/f", InotifyMask.Create);
        play.Pass(3600);
        Assert.Empty(play.News);
        play.Close("/d/f");
        play.Record("/d/f", InotifyMask.CloseWrite);
        play.Pass(1.1);
        Assert.Equal("close", Assert.Single(play.News).Seen);
    }

    [Fact]
    public void A_file_that_was_made_and_not_opened_yet_is_not_told_before_its_closing()
    {
        var play = new WatchPlay(steady: 0);
        // The kernel tells of the new file, and only then counts its maker among the writers.
        play.Write("/d/f", bytes: 0);
        play.Record("/d/f", InotifyMask.Create);
        play.Pass(0.01);
        play.Open("/d/f");
        play.Write("/d/f");
        play.Pass(0.5);
        Assert.Empty(play.News);
        play.Close("/d/f");
        play.Record("/d/f", InotifyMask.CloseWrite);
        play.Pass(0.01);
        Assert.Equal("close", Assert.Single(play.News).Seen);
    }

    [Fact]
    public void A_closing_that_was_lost_is_made_good_by_a_look()
    {
        var play = new WatchPlay();
        play.Open("/d/f");
        play.Finished.Found("/d/f", play.Now);
        play.Pass(1);
        play.Close("/d/f");
        play.Pass(8);
        Assert.Equal("/d/f", Assert.Single(play.News).Path);
    }

    [Fact]
    public void Each_of_many_versions_is_told_or_told_as_overtaken()
    {
        var play = new WatchPlay(steady: 1);
        var writes = 0;
        for (var round = 0; round < 200; round++, writes++)
        {
            play.Open("/d/f");
            play.Write("/d/f");
            play.Close("/d/f");
            play.Record("/d/f", InotifyMask.CloseWrite);
            play.Pass(round % 5 == 0 ? 1.2 : 0.7);
        }
        play.Pass(2);
        Assert.Equal(writes, play.News.Sum(n => n.Closings));
        Assert.InRange(play.News.Count, 30, 199);
    }

    [Fact]
    public void A_file_that_never_rests_is_told_after_a_while()
    {
        var play = new WatchPlay(steady: 5);
        for (var i = 0; i < 100; i++)
        {
            play.Write("/d/f");
            play.Record("/d/f", InotifyMask.CloseWrite);
            play.Pass(0.5);
        }
        Assert.InRange(play.News.Count, 3, 6);
    }

    [Fact]
    public void The_same_bytes_uploaded_again_with_the_same_time_are_a_new_version()
    {
        var play = new WatchPlay();
        play.Had("/d/f");
        play.Touch("/d/f");
        play.Record("/d/f", InotifyMask.CloseWrite);
        play.Pass(2);
        Assert.Single(play.News);
    }

    [Fact]
    public void A_scan_after_a_restart_tells_what_is_new_and_nothing_twice()
    {
        var play = new WatchPlay();
        play.Had("/d/told");
        play.Had("/d/moded");
        play.Touch("/d/moded");
        play.Had("/d/longer");
        play.Write("/d/longer");
        play.Write("/d/new");
        play.Had("/d/gone");
        play.Remove("/d/gone");
        foreach (var path in (string[])["/d/told", "/d/moded", "/d/longer", "/d/new"])
            play.Finished.Found(path, play.Now);
        play.Finished.Missed("/d/gone", play.Now);
        play.Pass(20);
        Assert.Equal(["Removed /d/gone", "Finished /d/longer", "Finished /d/new"], play.News.Select(n => $"{n.Kind} {n.Path}"));
    }

    [Fact]
    public void A_second_name_of_a_told_file_is_no_upload()
    {
        var play = new WatchPlay(steady: 0);
        play.Had("/d/a");
        play.Link("/d/a", "/d/b");
        play.Record("/d/b", InotifyMask.Create);
        play.Pass(5);
        Assert.Empty(play.News);
    }

    [Fact]
    public void Where_nobody_can_say_who_has_a_file_open_one_that_was_not_closed_waits_longer()
    {
        var play = new WatchPlay(steady: 1, writersAreKnown: false);
        play.Write("/d/f");
        play.Record("/d/f", InotifyMask.Create);
        play.Pass(8);
        Assert.Empty(play.News);
        play.Pass(3);
        Assert.Single(play.News);
    }

    [Fact]
    public void Times_that_are_set_late_are_no_second_upload()
    {
        var play = new WatchPlay();
        play.Open("/d/f");
        play.Close("/d/f");
        play.Record("/d/f", InotifyMask.CloseWrite);
        play.Pass(2);
        play.Write("/d/f", bytes: 0);
        play.Record("/d/f", InotifyMask.Attrib);
        play.Pass(2);
        play.Finished.Found("/d/f", play.Now);
        play.Pass(2);
        Assert.Single(play.News);
    }

    [Fact]
    public void Records_are_read_back_from_any_bytes_and_a_cut_one_is_not_read()
    {
        var records =
            from watch in Gen.Choose(-1, int.MaxValue)
            from mask in Gen.Choose(0, int.MaxValue)
            from cookie in Gen.Choose(0, int.MaxValue)
            from name in Gen.Choose(1, 255).Select(b => (byte)b).ListOf()
            select new InotifyRecord(watch, (InotifyMask)mask, (uint)cookie, ReversibleText.FromBytes([.. name.Take(255)]));
        Prop.ForAll(records.ToArbitrary(), record =>
        {
            var bytes = record.Encode();
            for (var cut = 0; cut < bytes.Length; cut++)
                Assert.False(InotifyRecord.TryRead(bytes.AsSpan(0, cut), out _, out _));
            Assert.True(InotifyRecord.TryRead([.. bytes, 1, 2, 3], out var read, out var length));
            Assert.Equal((record, bytes.Length), (read, length));
        }).QuickCheckThrowOnFailure();
    }

    private static string Name(string path) => path["/d/".Length..];
}
