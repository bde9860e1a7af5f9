namespace FtpActors.EndToEnd.Tests;

/// <summary>Nodes and servers of Pure-FTPd that stop, die and come back.</summary>
public sealed class PureFtpdFaultTests
{
    [Fact]
    public async Task A_session_outlives_a_killed_node_and_its_logout_without_one_is_told_at_the_next_start()
    {
        await using var pure = await PureFtpdNode.StartAsync();
        using var stays = await pure.LoginAsync();
        using var leaves = await pure.LoginAsync();
        await Until.TrueAsync("two logins", async () => (await pure.EventsAsync()).Count >= 2);
        await pure.Node.Process!.KillAsync();
        await leaves.CommandAsync("QUIT", "221");
        await pure.Node.StartAsync();
        await pure.LogoutsAsync();
        await stays.UploadAsync("after", new byte[7]);
        await stays.CommandAsync("QUIT", "221");
        await pure.LogoutsAsync(2);
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "login", "logout", "upload", "logout"], events.Kinds());
        Assert.Equal(2, events.Select(e => e.Text("session")).Distinct().Count());
        Assert.Equal((events[3].Text("session"), 7L), (events[4].Text("session"), events[3].Whole("bytes")));
        Assert.NotEqual(events[2].Text("session"), events[4].Text("session"));
    }

    [Fact]
    public async Task The_alternative_log_tells_what_the_pipe_lost_while_no_node_ran()
    {
        await using var pure = await PureFtpdNode.StartAsync("stats");
        using var alice = await pure.LoginAsync();
        await alice.UploadAsync("before", new byte[1]);
        await Until.TrueAsync("the upload", async () => (await pure.EventsAsync()).Count >= 2);
        await pure.Node.Process!.KillAsync();
        await alice.UploadAsync("meanwhile", new byte[22]);
        File.Move(pure.Altlog!, pure.Altlog + ".1");
        await pure.Node.StartAsync();
        await Until.TrueAsync("the upload", async () => (await pure.EventsAsync()).Count >= 3);
        await alice.UploadAsync("after", new byte[3]);
        await alice.CommandAsync("QUIT", "221");
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(["login", "upload", "upload", "upload", "logout"], events.Kinds());
        Assert.Equal([("before", 1L), ("meanwhile", 22L), ("after", 3L)], events[1..4].Select(e => (Path.GetFileName(e.Text("path"))!, e.Whole("bytes")!.Value)));
        Assert.Single(events.Select(e => e.Text("session")).Distinct());
    }

    [Fact]
    public async Task A_server_that_is_killed_and_started_again_leaves_its_sessions_and_gets_new_ones()
    {
        await using var pure = await PureFtpdNode.StartAsync();
        using var old = await pure.LoginAsync();
        await Until.TrueAsync("the login", async () => (await pure.EventsAsync()).Count == 1);
        await pure.Server.StopAsync();
        await pure.StartServerAsync();
        using (var fresh = await pure.LoginAsync())
            await fresh.UploadAsync("new", new byte[3]);
        await old.UploadAsync("old", new byte[4]);
        old.Dispose();
        await pure.LogoutsAsync(2);
        var events = await pure.EventsAsync();
        Assert.Equal(2, events.Kinds().Count(k => k == "upload"));
        var sessions = events.GroupBy(e => e.Text("session")).Select(g => g.Kinds()).ToList();
        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, kinds => Assert.Equal(["login", "upload", "logout"], kinds));
    }

    [Fact]
    public async Task Kills_of_the_node_under_load_lose_nothing_and_double_nothing_while_the_pipe_is_held()
    {
        await using var pure = await PureFtpdNode.StartAsync("clf");
        // Without any reader the server throws its records away, so something else holds the pipe while the node is dead.
        await using var holder = new FileStream(pure.Server.Pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

        // All to one name: byte-identical records, which no digest could tell apart. In one session, until the last kill is over.
        using var enough = new CancellationTokenSource();
        var uploading = UploadAsync(pure, "same", () => enough.IsCancellationRequested);
        var random = new Random(5);
        for (var kills = 0; kills < 3; kills++)
        {
            var before = (await pure.EventsAsync()).Count;
            var more = random.Next(30, 150);
            await Until.TrueAsync("more events", async () => (await pure.EventsAsync()).Count >= before + more);
            await pure.Node.Process!.KillAsync();
            await pure.Node.StartAsync();
        }
        await enough.CancelAsync();
        var uploads = await uploading;
        await pure.LogoutsAsync();
        var events = await pure.EventsAsync();
        Assert.Equal(uploads, events.Kinds().Count(k => k == "upload"));
        Assert.Equal(("login", "logout"), (events[0].Text("kind"), events[^1].Text("kind")));
        Assert.Single(events.Select(e => e.Text("session")).Distinct());
        Assert.Equal(0, await pure.Node.StopAsync());
    }

    [Fact]
    public async Task When_the_pipe_is_full_uploads_wait_and_none_is_lost()
    {
        await using var pure = await PureFtpdNode.StartAsync(more: ", \"pipe_bytes\": 65536");
        // Records of more than 280 bytes: the pipe holds some 230.
        const int uploads = 320;
        await pure.Node.Process!.SignalAsync("STOP");
        var uploading = UploadAsync(pure, new string('f', 250), () => false, uploads);
        await using (var probe = new FileStream(pure.Server.Pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
            await Until.TrueAsync("the pipe is full", () => PipeBytes(probe) > 65536 - 4096, 180);
        Assert.False(uploading.IsCompleted);
        await pure.Node.Process!.SignalAsync("CONT");
        await uploading;
        await Until.TrueAsync("all uploads", async () => (await pure.EventsAsync()).Kinds().Count(k => k == "upload") >= uploads);
        await pure.LogoutsAsync();
        Assert.Equal(uploads, (await pure.EventsAsync()).Kinds().Count(k => k == "upload"));
    }

    /// <summary>Uploads to one name in one session, until it is enough; how many.</summary>
    private static async Task<int> UploadAsync(PureFtpdNode pure, string name, Func<bool> isEnough, int most = int.MaxValue)
    {
        using var ftp = await pure.LoginAsync();
        var uploads = 0;
        for (; uploads < most && !isEnough(); uploads++)
            await ftp.UploadAsync(name, [1, 2, 3, 4, 5]);
        await ftp.CommandAsync("QUIT", "221");
        return uploads;
    }

    private static int PipeBytes(FileStream pipe)
    {
        const ulong readable = 0x541B; // FIONREAD
        var bytes = 0;
        Assert.Equal(0, PipeQuestion.ioctl((int)pipe.SafeFileHandle.DangerousGetHandle(), readable, ref bytes));
        return bytes;
    }
}

/// <summary>sys/ioctl.h.</summary>
internal static partial class PipeQuestion
{
    [System.Runtime.InteropServices.LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(int file, ulong request, ref int value);
}
