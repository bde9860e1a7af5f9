using FsCheck;
using FsCheck.Fluent;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;
using static FtpActors.Ingest.Tests.TrackerPlay;

namespace FtpActors.Ingest.Tests;

/// <summary>Whatever is seen of a server's life, and whenever, and whenever the node is killed: each thing is told once and in order.</summary>
public sealed class SessionTrackerProperties
{
    [Fact]
    public void However_a_life_is_seen_each_upload_is_one_event_between_its_login_and_its_logout() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => Live(seed, altlog: seed % 2 == 0)).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));

    /// <summary>A server with three sessions of two accounts; the node looks, or is killed, at random moments.</summary>
    private static void Live(int seed, bool altlog)
    {
        var random = new Random(seed);
        var play = new TrackerPlay(pipe: true, altlog: altlog, scoreboard: true);
        var server = new Dictionary<int, ScoreboardEntry>();
        var ended = new List<ScoreboardEntry>();
        var records = new List<UploadNotice>();
        var lines = new List<LineNotice>();
        var uploads = 0;
        var second = 1;
        for (var move = 0; move < 60; move++)
        {
            var pid = random.Next(1, 4);
            var account = pid == 3 ? "bob" : "alice";
            if (!server.TryGetValue(pid, out var e))
            {
                server[pid] = Entry(pid, "?") with { StartedAt = Start.AddSeconds(second), TransferStartedAt = Start.AddSeconds(second++) };
            }
            else if (!e.IsLoggedIn)
            {
                server[pid] = e with { Account = account };
            }
            else if (e.State == ScoreboardState.Upload)
            {
                var size = e.CurrentSize + random.Next(100);
                if (random.Next(3) == 0)
                {
                    server[pid] = e with { CurrentSize = size, TotalSize = size };
                }
                else
                {
                    // The server's order: line, record, idle. The node looks at the scoreboard, then at the pipe, then at the log: never at a half of this.
                    var path = $"/home/{account}/{e.File}";
                    lines.Add(new LineNotice(
                        new AltlogLine { EndedAt = play.Now, IsUpload = true, Account = account, Host = "", Bytes = size, Path = path, Session = random.Next(2) == 0 ? e.Session : null },
                        play.Now, size));
                    records.Add(new UploadNotice(new UploadRecord(account, path), play.Now, [], size));
                    uploads++;
                    if (random.Next(2) == 0)
                        Look();
                    server[pid] = e with { State = ScoreboardState.Idle, File = "", CurrentSize = size, TotalSize = size };
                }
            }
            else if (random.Next(4) == 0)
            {
                server.Remove(pid);
                ended.Add(e with { State = ScoreboardState.Free });
            }
            else
            {
                server[pid] = e with { State = ScoreboardState.Upload, File = $"f{random.Next(2)}", TransferStartedAt = Start.AddSeconds(second++), CurrentSize = 0, TotalSize = 0 };
            }
            play.Now += TimeSpan.FromMilliseconds(random.Next(700));
            if (random.Next(2) == 0)
                Look();
            if (random.Next(12) == 0)
            {
                play.Restart();
                // The files that were held open are gone with the process.
                ended.Clear();
            }
        }
        // Transfers that still run end in order, and everybody leaves.
        foreach (var (pid, e) in server)
            server[pid] = e with { State = ScoreboardState.Idle, File = "" };
        Look();
        play.Wait(TimeSpan.FromSeconds(3));
        ended.AddRange(server.Values.Select(e => e with { State = ScoreboardState.Free }));
        server.Clear();
        Look();
        play.Wait(TimeSpan.FromSeconds(3));
        Assert.False(play.IsWaiting);

        var reported = play.Events.Where(e => e.Kind == EventKind.Upload && e.Path!.StartsWith('/')).ToList();
        Assert.True(reported.Count == uploads, $"{uploads} uploads, {reported.Count} events; seed {seed}:\n{string.Join('\n', play.Texts)}");
        foreach (var session in play.Events.Where(e => e.Session is not null).GroupBy(e => e.Session))
        {
            var kinds = session.Select(e => e.Kind).ToList();
            var story = $"seed {seed}, {session.Key}: {string.Join(", ", session.Select(TextOf))}";
            var logins = kinds.Count(k => k == EventKind.Login);
            // A session that came and went while no node looked is known from its lines alone.
            Assert.True(logins <= 1 && kinds.Count(k => k == EventKind.Logout) == logins, story);
            Assert.True(logins == 0 || (kinds[0] == EventKind.Login && kinds[^1] == EventKind.Logout), story);
        }
        return;

        void Look()
        {
            var reading = Reading([.. server.Values], [.. ended]);
            play.Step(new TrackerInput(play.Now) { Reading = reading, Records = [.. records], Lines = altlog ? [.. lines] : [] });
            ended.Clear();
            records.Clear();
            lines.Clear();
        }
    }
}
