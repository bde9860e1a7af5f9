using System.Globalization;

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

        // All to one name: byte-identical records, which no digest could tell apart. One session after the other, until the last kill is over.
        const int each = 100;
        var config = await ConfigAsync(pure, "same", each);
        using var enough = new CancellationTokenSource();
        var uploading = UploadAsync(config, enough.Token);
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
        var sessions = await uploading;
        await pure.LogoutsAsync(sessions);
        var bySession = (await pure.EventsAsync()).GroupBy(e => e.Text("session")).Select(s => s.Kinds().ToList()).ToList();
        Assert.Equal(sessions, bySession.Count);
        Assert.All(bySession, kinds =>
        {
            Assert.Equal(("login", "logout"), (kinds[0], kinds[^1]));
            Assert.Equal(each, kinds.Count(k => k == "upload"));
        });
        Assert.Equal(0, await pure.Node.StopAsync());
    }

    [Fact]
    public async Task When_the_pipe_is_full_uploads_wait_and_none_is_lost()
    {
        await using var pure = await PureFtpdNode.StartAsync(more: ", \"pipe_bytes\": 65536");
        // Records of more than 280 bytes: the pipe holds some 230. The server takes a third of a second for each on a busy machine, so several clients send them.
        const int clients = 4;
        const int uploads = 80;
        var configs = new List<string>();
        for (var i = 0; i < clients; i++)
            configs.Add(await ConfigAsync(pure, new string((char)('a' + i), 250), uploads));
        await pure.Node.Process!.SignalAsync("STOP");
        var curls = Task.WhenAll(configs.Select(config => PureFtpdServer.CurlAsync("-K", config)));
        await using (var probe = new FileStream(pure.Server.Pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0))
            await Until.TrueAsync("the pipe is full", () => PipeBytes(probe) > 65536 - 4096, 180);
        Assert.False(curls.IsCompleted);
        await pure.Node.Process!.SignalAsync("CONT");
        Assert.All(await curls, code => Assert.Equal(0, code));
        await Until.TrueAsync("all uploads", async () => (await pure.EventsAsync()).Kinds().Count(k => k == "upload") >= clients * uploads);
        await pure.LogoutsAsync(clients);
        Assert.Equal(clients * uploads, (await pure.EventsAsync()).Kinds().Count(k => k == "upload"));
    }

    /// <summary>Sessions that upload, one after the other, until it is enough; their number.</summary>
    private static async Task<int> UploadAsync(string config, CancellationToken enough)
    {
        var sessions = 0;
        for (; !enough.IsCancellationRequested; sessions++)
            Assert.Equal(0, await PureFtpdServer.CurlAsync("-K", config));
        return sessions;
    }

    /// <summary>Many uploads of one file to one name over one connection.</summary>
    private static async Task<string> ConfigAsync(PureFtpdNode pure, string name, int uploads)
    {
        var config = Path.Combine(pure.Node.Data, $"{name[0]}.conf");
        var one = string.Create(CultureInfo.InvariantCulture, $"upload-file = \"{pure.File(5)}\"\nurl = \"{pure.Server.Url(name)}\"\n");
        await File.WriteAllTextAsync(config, string.Concat(Enumerable.Repeat(one, uploads)));
        return config;
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
