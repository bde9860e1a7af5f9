using System.Diagnostics;
using System.Runtime.Versioning;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

[SupportedOSPlatform("linux")]
public sealed class ScoreboardFolderTests
{
    [Fact]
    public void Living_sessions_are_read_in_every_layout_and_other_files_are_left_alone()
    {
        using var scoreboard = new TestScoreboard();
        var folder = new ScoreboardFolder(scoreboard.Folder);
        File.WriteAllText(Path.Combine(scoreboard.Folder, "pure-ftpd.pid"), "1\n");
        // Made by the server just now, and not filled yet.
        File.WriteAllText(Path.Combine(scoreboard.Folder, "client-00000007"), "");
        File.WriteAllBytes(Path.Combine(scoreboard.Folder, "client-00000008"), new byte[1464]);
        var session = TestScoreboard.Session();
        foreach (var length in new[] { 1464, 1456, 3504 })
        {
            File.WriteAllBytes(scoreboard.PathOf(session.Pid), session.Encode(ScoreboardLayout.OfLength(length)!));
            var reading = folder.Read();
            Assert.Equal(session, Assert.Single(reading.Sessions));
            Assert.Null(reading.Trouble);
            Assert.Empty(reading.Refused);
        }
    }

    [Fact]
    public void An_entry_that_is_not_filled_is_waited_for_only_while_its_process_lives()
    {
        using var scoreboard = new TestScoreboard();
        using var child = Process.Start(new ProcessStartInfo("sleep", ["100"]))!;
        using var files = new ScoreboardFiles(scoreboard.Folder);
        Assert.False(files.Read().HasUnfilled);
        TestScoreboard.Write(scoreboard.PathOf(child.Id), new byte[ScoreboardLayout.Debian.Length]);
        Assert.True(files.Read().HasUnfilled);
        child.Kill();
        child.WaitForExit();
        // Left behind by a server that was killed: it would be looked for four times a second for ever.
        Assert.False(files.Read().HasUnfilled);
    }

    [Fact]
    public void A_session_whose_process_is_dead_or_younger_than_the_entry_is_stale()
    {
        using var scoreboard = new TestScoreboard();
        using var child = Process.Start(new ProcessStartInfo("sleep", ["100"]))!;
        var began = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        scoreboard.Write(TestScoreboard.Session(child.Id, began));
        Assert.Single(new ScoreboardFolder(scoreboard.Folder).Read().Sessions);
        // The pid of a session of an hour ago, used again.
        scoreboard.Write(TestScoreboard.Session(child.Id, began.AddHours(-1)));
        Assert.Empty(new ScoreboardFolder(scoreboard.Folder).Read().Sessions);
        // Of a time before the boot.
        scoreboard.Write(TestScoreboard.Session(child.Id, DateTimeOffset.UnixEpoch.AddDays(1)));
        Assert.Empty(new ScoreboardFolder(scoreboard.Folder).Read().Sessions);

        scoreboard.Write(TestScoreboard.Session(child.Id, began));
        child.Kill();
        child.WaitForExit();
        Assert.Empty(new ScoreboardFolder(scoreboard.Folder).Read().Sessions);
    }

    [Fact]
    public void A_zombie_is_no_session()
    {
        Assert.Null(ProcessStart.Parse("12 (pure-ftpd) Z 1 1 1 0 -1 4228 0 0 0 0 0 0 0 0 20 0 1 0 777 0\n"u8));
        // The name is the process's own choice.
        Assert.Equal(777, ProcessStart.Parse("12 (a) Z 1 (b) S 1 1 1 0 -1 4228 0 0 0 0 0 0 0 0 20 0 1 0 777 0\n"u8));
    }

    [Fact]
    public void A_file_of_no_known_build_or_of_another_process_is_refused_by_name()
    {
        using var scoreboard = new TestScoreboard();
        File.WriteAllText(Path.Combine(scoreboard.Folder, "client-00000009"), "123");
        File.WriteAllBytes(Path.Combine(scoreboard.Folder, "client-00000010"), TestScoreboard.Session().Encode(ScoreboardLayout.Debian));
        var reading = new ScoreboardFolder(scoreboard.Folder).Read();
        Assert.Empty(reading.Sessions);
        Assert.Equal(
            ["client-00000009: 3 bytes: an entry of the scoreboard has 1464, 1456 or 3504", $"client-00000010: it is of process {Environment.ProcessId}"],
            reading.Refused.Order());
    }

    [Fact]
    public void A_missing_folder_holds_no_session_and_one_that_cannot_be_read_is_said()
    {
        using var scoreboard = new TestScoreboard();
        var missing = new ScoreboardFolder(Path.Combine(scoreboard.Folder, "none")).Read();
        Assert.Empty(missing.Sessions);
        Assert.Null(missing.Trouble);
        // Also root cannot open this one.
        var loop = Path.Combine(scoreboard.Folder, "loop");
        File.CreateSymbolicLink(loop, loop);
        Assert.Contains(loop, new ScoreboardFolder(loop).Read().Trouble!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_come_go_and_change_while_they_are_read_give_whole_entries_only()
    {
        using var scoreboard = new TestScoreboard();
        var startedAt = TestScoreboard.Now;
        using var stop = new CancellationTokenSource();
        var server = Task.Run(() =>
        {
            var session = TestScoreboard.Session(startedAt: startedAt);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var name = new string((char)('a' + i % 26), 1000);
                scoreboard.Write(session with { State = ScoreboardState.Upload, File = name, CurrentSize = i, TotalSize = i });
                scoreboard.Write(session with { State = ScoreboardState.Idle, File = "", CurrentSize = i });
                if (i % 7 == 0)
                    scoreboard.Remove(session.Pid);
            }
        });
        var folder = new ScoreboardFolder(scoreboard.Folder);
        var seen = 0;
        for (var i = 0; i < 3000 || seen < 100; i++)
        {
            var reading = folder.Read();
            Assert.Null(reading.Trouble);
            Assert.Empty(reading.Refused);
            foreach (var session in reading.Sessions)
            {
                seen++;
                Assert.Equal("alice", session.Account);
                if (session.File.Length > 0)
                    Assert.Equal((ScoreboardState.Upload, 1000, 1), (session.State, session.File.Length, session.File.Distinct().Count()));
            }
        }
        await stop.CancelAsync();
        await server;
    }
}
