using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Whole sessions of the real server with real clients.</summary>
public sealed class PureFtpdSessionTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("clf", true)]
    [InlineData("stats", true)]
    [InlineData("stats", false)]
    public async Task A_short_visit_of_curl_is_a_login_one_upload_and_a_logout(string altlog, bool pipe)
    {
        await using var pure = await PureFtpdNode.StartAsync(altlog, pipe);
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", pure.File(5), pure.Server.Url("a%20b.txt")));
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "upload", "logout"], events.Kinds());
        Assert.All(events, e => Assert.Equal(("alice", "127.0.0.1"), (e.Text("user"), e.Text("remote_host"))));
        Assert.Matches("^[0-9a-f]+[.][0-9a-f]+$", Assert.Single(events.Select(e => e.Text("session")).Distinct()));
        Assert.Equal((pure.Server.Home + "/a b.txt", 5L), (events[1].Text("path"), events[1].Whole("bytes")));
        // The server does not tell a whole upload from one that was broken off.
        Assert.Equal("unknown", events[1].Text("status"));
        Assert.Empty(events[1].GetProperty("flags").EnumerateArray());
        await pure.Node.AppliedAsync(3);
        var session = await pure.SessionAsync();
        Assert.Equal(("login", "logout", "exact", 1L, 5L), (session.Text("began"), session.Text("ended"), session.Text("certainty"), session.Whole("uploads"), session.Whole("bytes_up")));
    }

    [Fact]
    public async Task A_running_transfer_is_shown_with_its_file_and_position_and_is_one_event_at_its_end()
    {
        await using var pure = await PureFtpdNode.StartAsync();
        using var alice = await pure.LoginAsync();
        using (var data = await alice.TransferAsync("STOR big.bin"))
        {
            await data.GetStream().WriteAsync(new byte[300_000]);
            await pure.StateAsync("uploading");
            Assert.Equal("big.bin", (await pure.SessionAsync()).Text("path"));
            await data.GetStream().WriteAsync(new byte[100_000]);
        }
        await alice.ReplyAsync("226");
        await Until.TrueAsync("the upload is told", async () => (await pure.EventsAsync()).Kinds().Contains("upload"));
        await pure.StateAsync("idle");
        await alice.CommandAsync("QUIT", "221");
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync(progress: true);
        Assert.Equal(["login", "progress", "upload", "logout"], events.Kinds());
        Assert.Equal(("upload", "big.bin"), (events[1].Text("type"), events[1].Text("path")));
        Assert.Equal((pure.Server.Home + "/big.bin", 400_000L), (events[2].Text("path"), events[2].Whole("bytes")));
    }

    [Fact]
    public async Task Downloads_are_told_whole_or_in_part()
    {
        await using var pure = await PureFtpdNode.StartAsync("clf");
        File.Copy(pure.File(30_000_000), pure.Server.Home + "/big");
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-o", "/dev/null", pure.Server.Url("big")));
        Assert.Equal(28, await PureFtpdServer.CurlAsync("-o", "/dev/null", "--limit-rate", "50k", "--max-time", "5", pure.Server.Url("big")));
        await pure.LogoutsAsync(2);
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "download", "logout", "login", "download", "logout"], events.Kinds());
        Assert.Equal(("ok", 30_000_000L, pure.Server.Home + "/big"), (events[1].Text("status"), events[1].Whole("bytes"), events[1].Text("path")));
        Assert.Equal("incomplete", events[4].Text("status"));
        Assert.InRange(events[4].Whole("bytes")!.Value, 1, 29_999_999);
    }

    [Fact]
    public async Task Without_the_alternative_log_a_download_is_seen_by_the_scoreboard_alone()
    {
        await using var pure = await PureFtpdNode.StartAsync();
        // More than the buffers of both ends take: it runs until the client reads.
        File.Copy(pure.File(30_000_000), pure.Server.Home + "/big");
        using var alice = await pure.LoginAsync();
        using (var data = await alice.TransferAsync("RETR big"))
        {
            await pure.StateAsync("downloading");
            await data.GetStream().CopyToAsync(Stream.Null);
        }
        await alice.ReplyAsync("226");
        await alice.CommandAsync("QUIT", "221");
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "download", "logout"], events.Kinds());
        Assert.Equal(("big", 30_000_000L, "ok"), (events[1].Text("path"), events[1].Whole("bytes"), events[1].Text("status")));
    }

    [Fact]
    public async Task A_resumed_upload_has_the_bytes_of_its_own_part()
    {
        await using var pure = await PureFtpdNode.StartAsync();
        var lftp = $"set net:timeout 20; set xfer:clobber yes; put {pure.File(1000)} -o r.bin; bye";
        Assert.Equal(0, await LftpAsync(pure, lftp));
        Assert.Equal(0, await LftpAsync(pure, $"set net:timeout 20; put -c {pure.File(1500)} -o r.bin; bye"));
        await pure.LogoutsAsync(2);
        var uploads = (await pure.EventsAsync()).Where(e => e.Text("kind") == "upload").ToList();
        Assert.Equal([1000L, 500L], uploads.Select(e => e.Whole("bytes")));
        Assert.Equal(["size=1000", "size=1500"], uploads.Select(e => e.GetProperty("extra")[0].GetString()));
    }

    [Theory]
    [InlineData("abor", "")]
    [InlineData("reset", "")]
    [InlineData("control", "")]
    [InlineData("abor", "stats")]
    [InlineData("control", "clf")]
    public async Task An_upload_that_the_client_broke_off_is_one_event_and_no_success(string how, string altlog)
    {
        await using var pure = await PureFtpdNode.StartAsync(altlog);
        using var alice = await pure.LoginAsync();
        var data = await alice.TransferAsync("STOR part.bin");
        await data.GetStream().WriteAsync(new byte[100_000]);
        await pure.ProgressAsync("part.bin");
        switch (how)
        {
            case "abor":
                await alice.SendAsync("ABOR");
                await alice.ReplyAsync("426");
                await alice.ReplyAsync("451");
                break;
            case "reset":
                // The socket itself: the client's Close would send a FIN first.
                data.Client.LingerState = new LingerOption(true, 0);
                data.Client.Close();
                await alice.ReplyAsync("451");
                break;
            default:
                alice.Dispose();
                break;
        }
        data.Dispose();
        alice.Dispose();
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "upload", "logout"], events.Kinds());
        Assert.Equal((pure.Server.Home + "/part.bin", "unknown", 100_000L), (events[1].Text("path"), events[1].Text("status"), events[1].Whole("bytes")));
    }

    [Fact]
    public async Task A_session_that_is_killed_in_an_upload_leaves_an_aborted_upload_and_is_lost()
    {
        await using var pure = await PureFtpdNode.StartAsync();
        using var alice = await pure.LoginAsync();
        using var data = await alice.TransferAsync("STOR part.bin");
        await data.GetStream().WriteAsync(new byte[50_000]);
        await pure.ProgressAsync("part.bin");
        var session = (await pure.EventsAsync()).Single().Text("session")!;
        Process.GetProcessById(int.Parse(session.Split('.')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)).Kill();
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "upload", "logout"], events.Kinds());
        Assert.Equal(("part.bin", "aborted", 50_000L), (events[1].Text("path"), events[1].Text("status"), events[1].Whole("bytes")));
        await Until.TrueAsync("the session is lost", async () => (await pure.SessionAsync()).Text("ended") == "lost");
        Assert.Equal(1, (await pure.SessionAsync()).Whole("failures"));
    }

    [Fact]
    public async Task An_upload_beyond_the_quota_has_failed()
    {
        await using var pure = new PureFtpdNode("clf");
        pure.Server.AddUser("carol", "-n", "100", "-N", "1");
        await pure.Node.StartAsync();
        await pure.StartServerAsync();
        using var carol = await pure.LoginAsync("carol");
        await carol.UploadAsync("fits", new byte[1000]);
        using (var data = await carol.TransferAsync("STOR big"))
        {
            // In parts, so that the scoreboard shows it.
            await data.GetStream().WriteAsync(new byte[100_000]);
            await pure.ProgressAsync("big");
            await data.GetStream().WriteAsync(new byte[1_000_000]);
        }
        await carol.ReplyAsync("552");
        await carol.CommandAsync("QUIT", "221");
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "upload", "upload", "logout"], events.Kinds());
        Assert.Equal([(pure.Server.Home + "/fits", "unknown"), ("big", "failed")], events[1..3].Select(e => (e.Text("path")!, e.Text("status")!)));
    }

    [Fact]
    public async Task Odd_names_the_longest_user_and_renames_make_no_difference()
    {
        await using var pure = new PureFtpdNode("stats");
        var user = new string('u', 127);
        pure.Server.AddUser(user);
        await pure.Node.StartAsync();
        await pure.StartServerAsync();
        using var client = await pure.LoginAsync(user);
        string[] names = ["two  spaces", "caf\u00e9\u00ff", "q'\"|:;$(x)`<>&", ".dot", new string('L', 255)];
        foreach (var name in names)
            await client.UploadAsync(name, new byte[3]);
        await client.UploadAsync(".dot", new byte[2], "APPE");
        await client.CommandAsync("RNFR .dot", "350");
        await client.CommandAsync("RNTO dot2", "250");
        await client.CommandAsync("MKD sub", "257");
        await client.CommandAsync("CWD sub", "250");
        await client.UploadAsync("../up", new byte[1]);
        Assert.Equal(5, (await client.DownloadAsync("../dot2")).Length);
        await client.CommandAsync("QUIT", "221");
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", .. Enumerable.Repeat("upload", 7), "download", "logout"], events.Kinds());
        Assert.All(events, e => Assert.Equal(user, e.Text("user")));
        Assert.Single(events.Select(e => e.Text("session")).Distinct());
        Assert.Equal(
            ["two  spaces", @"caf\xE9\xFF", names[2], ".dot", names[4], ".dot", "up"], events[1..8].Select(e => e.Text("path")![(pure.Server.Home.Length + 1)..]));
        Assert.Equal([3L, 3L, 3L, 3L, 3L, 2L, 1L, 5L], events[1..9].Select(e => e.Whole("bytes")));
    }

    [Fact]
    public async Task A_client_of_IPv6_is_named_by_its_address()
    {
        await using var pure = await PureFtpdNode.StartAsync(address: "::1");
        FtpConnection? client = null;
        await Until.TrueAsync("the server listens", async () =>
        {
            try
            {
                client = await FtpConnection.LoginAsync(pure.Server.Port, address: "::1");
                return true;
            }
            catch (SocketException)
            {
                // Not yet.
                return false;
            }
        });
        await client!.UploadAsync("six", new byte[6]);
        client.Dispose();
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "upload", "logout"], events.Kinds());
        Assert.All(events, e => Assert.Equal("::1", e.Text("remote_host")));
    }

    private static async Task<int> LftpAsync(PureFtpdNode pure, string commands)
    {
        using var lftp = Process.Start(new ProcessStartInfo(
            "lftp", ["-u", "alice,pw1", "-p", pure.Server.Port.ToString(CultureInfo.InvariantCulture), "-e", commands, "127.0.0.1"])
        { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await Task.WhenAll(lftp.StandardError.ReadToEndAsync(), lftp.StandardOutput.ReadToEndAsync());
        await lftp.WaitForExitAsync();
        return lftp.ExitCode;
    }
}
