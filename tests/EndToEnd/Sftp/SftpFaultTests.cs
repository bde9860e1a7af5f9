using System.Globalization;
using System.Net.Sockets;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>Bursts, kills, jails, and a syslog behind the receiver.</summary>
public sealed class SftpFaultTests
{
    [Fact]
    public async Task A_burst_of_100_000_files_is_told_once_each_though_the_queue_overflows_and_the_node_is_killed()
    {
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder["in"]).FullName;
        await using var node = new TestNode(sources: $$"""{ "name": "drop", "kind": "watch", "path": "{{root}}", "steady": "0s" }""");
        await node.StartAsync();
        await Until.TrueAsync("it watches", async () => (await node.SourceAsync("drop")).Text("state") == "reading");

        // Stopped, so that the kernel's queue of 16,384 records is full long before the end.
        await node.Process!.SignalAsync("STOP");
        Make(root, 0, 40_000);
        await node.Process!.SignalAsync("CONT");
        Make(root, 40_000, 70_000);
        await node.Process!.KillAsync();
        Make(root, 70_000, 80_000);
        var outside = Directory.CreateDirectory(folder["outside"]).FullName;
        Make(outside, 80_000, 90_000);
        await node.StartAsync();
        Directory.Move(outside, root + "/moved");
        Make(root, 90_000, 100_000);

        await Until.TrueAsync(
            "all are told",
            async () => (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64() >= 100_000 && (await node.SourceAsync("drop")).GetProperty("depth").GetInt64() == 0, seconds: 300);
        await node.AppliedAsync(100_000, 300);
        var paths = (await node.ItemsAsync("/api/v1/events?kind=upload")).Select(e => Path.GetFileName(e.Text("path"))!).ToList();
        Assert.Equal(100_000, paths.Count);
        Assert.Equal(100_000, paths.Distinct().Count());
    }

    [Fact]
    public async Task A_jail_logs_by_a_socket_of_its_own_and_its_paths_are_those_of_the_machine()
    {
        // Every folder above a jail must be root's alone, which the temporary ones are not.
        var jail = $"/srv/ftpactors-test-{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(jail + "/dev");
            Directory.CreateDirectory(jail + "/home");
            Assert.Equal(0, await SftpServer.ExecuteAsync("chown", "", "1902:1902", jail + "/home"));
            await using var server = new SftpServer("INFO", $"Match User bob\n  ChrootDirectory {jail}\n  ForceCommand internal-sftp -l INFO");
            await using var node = new TestNode(sources: $$"""{ "name": "ssh", "kind": "openssh-log", "sockets": ["{{server.Log}}", "{{jail}}/dev/log"] }""");
            await node.StartAsync();
            await server.StartAsync();
            Assert.Equal(0, await server.SftpAsync($"put {server.LocalFile("small", 20_000)} home/a", "bob"));
            Assert.Equal(0, await server.SftpAsync($"put {server.LocalFile("small", 20_000)} a", "alice"));
            await Until.TrueAsync("both are told", async () => (await node.ItemsAsync("/api/v1/sessions")).Count(s => s.Text("ended") == "logout") == 2);
            var uploads = await node.ItemsAsync("/api/v1/events?kind=upload");
            Assert.Equal([jail + "/home/a", server.Home + "/a"], uploads.Select(u => u.Text("path")));
            Assert.All(uploads, u => Assert.Contains("size=20000", u.GetProperty("extra").EnumerateArray().Select(w => w.GetString())));
            Assert.All(await node.ItemsAsync("/api/v1/sessions"), s => Assert.Equal("exact", s.Text("certainty")));
        }
        finally
        {
            Directory.Delete(jail, recursive: true);
        }
    }

    [Fact]
    public async Task Each_line_is_sent_on_to_the_syslog_of_the_site_and_a_stopped_one_stops_nobody()
    {
        using var folder = new TemporaryFolder();
        using var syslog = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        syslog.Bind(new UnixDomainSocketEndPoint(folder["syslog"]));
        await using var server = new SftpServer();
        // As systemd has it: the name that programs write to leads to the syslog's own.
        File.CreateSymbolicLink(server.Log, folder["syslog"]);
        await using var node = new TestNode(sources: $$"""{ "name": "ssh", "kind": "openssh-log", "sockets": ["{{server.Log}}"], "forward": "{{folder["syslog"]}}" }""");
        await node.StartAsync();
        await server.StartAsync();
        var got = new List<string>();
        using var end = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            var buffer = new byte[8192];
            while (!got.Exists(l => l.Contains("Disconnected from user alice", StringComparison.Ordinal)))
                got.Add(System.Text.Encoding.UTF8.GetString(buffer, 0, await syslog.ReceiveAsync(buffer, end.Token)));
        });
        Assert.Equal(0, await server.SftpAsync($"put {server.LocalFile("small", 20_000)} a"));
        await reading.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains(got, l => l.Contains("close \"", StringComparison.Ordinal));
        // Nobody reads it any more: after ten lines its queue is full, and sshd must not hang for that.
        for (var i = 0; i < 3; i++)
            Assert.Equal(0, await server.SftpAsync($"put {server.LocalFile("small", 20_000)} b{i}"));
        await Until.TrueAsync("all are told", async () => (await node.ItemsAsync("/api/v1/events?kind=upload")).Count == 4);
        Assert.Contains("could not be sent on", (await node.SourceAsync("ssh")).ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await node.StopAsync());
        // The link is back, so lines go to the syslog while no node runs.
        Assert.Equal(folder["syslog"], new FileInfo(server.Log).LinkTarget);
    }

    [Fact]
    public async Task A_node_that_is_stopped_and_killed_in_the_middle_of_an_upload_knows_its_session_after_the_next_start()
    {
        await using var server = new SftpServer();
        await using var node = new TestNode(sources: $$"""{ "name": "ssh", "kind": "openssh-log", "sockets": ["{{server.Log}}"] }""");
        await node.StartAsync();
        await server.StartAsync();
        using var client = server.StartSftp($"put {server.LocalFile("big", 4_000_000)} a", "alice", "-l", "8000");
        await Until.TrueAsync("the login is told", async () => (await node.ItemsAsync("/api/v1/events?kind=login")).Count == 1);
        await Until.TrueAsync("the upload runs", () => File.Exists(server.Home + "/a"));
        await node.AppliedAsync(1);
        await node.Process!.KillAsync();
        await node.StartAsync();
        await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, client.ExitCode);
        await Until.TrueAsync("the upload is told", async () => (await node.ItemsAsync("/api/v1/sessions")).Exists(s => s.Text("ended") == "logout" && s.Whole("uploads") == 1));
        var session = Assert.Single(await node.ItemsAsync("/api/v1/sessions"));
        Assert.Equal(("login", "alice", 4_000_000L), (session.Text("began"), session.Text("user"), session.Whole("bytes_up")));
    }

    [Fact]
    public async Task Lines_of_a_file_make_sessions_that_are_likely()
    {
        using var folder = new TemporaryFolder();
        var log = folder["auth.log"];
        File.WriteAllText(log, "");
        await using var node = new TestNode(sources: $$"""{ "name": "ssh", "kind": "openssh-log", "file": "{{log}}" }""");
        await node.StartAsync();
        await Until.TrueAsync("it is read", async () => (await node.SourceAsync("ssh")).Text("state") == "reading");
        File.AppendAllText(log,
            """
            2026-11-21T00:22:46.000000+00:00 ftp1 sshd[10]: Accepted password for bob from 192.0.2.7 port 5 ssh2
            2026-11-21T00:22:46.100000+00:00 ftp1 internal-sftp[30]: session opened for local user bob from [192.0.2.7]
            2026-11-21T00:22:46.200000+00:00 ftp1 internal-sftp[30]: open "/in/a" flags WRITE,CREATE,TRUNCATE mode 0644
            2026-11-21T00:22:46.300000+00:00 ftp1 internal-sftp[30]: close "/in/a" bytes read 0 written 7
            2026-11-21T00:22:46.400000+00:00 ftp1 internal-sftp[30]: session closed for local user bob from [192.0.2.7]

            """);
        await Until.TrueAsync("it is told", async () => (await node.ItemsAsync("/api/v1/sessions")).Exists(s => s.Text("ended") == "logout"));
        var session = Assert.Single(await node.ItemsAsync("/api/v1/sessions"));
        Assert.Equal(("likely", "bob", 7L), (session.Text("certainty"), session.Text("user"), session.Whole("bytes_up")));
    }

    [Fact]
    public async Task The_final_name_of_a_Pure_FTPd_upload_comes_from_the_watch_with_its_session()
    {
        await using var server = new PureFtpdServer();
        await using var node = new TestNode(sources: $$"""
            { "name": "pure", "kind": "pureftpd", "pipe": "{{server.Pipe}}", "scoreboard": "{{server.Scoreboard}}" },
            { "name": "drop", "kind": "watch", "path": "{{server.Home}}", "steady": "200ms", "beside": ["pure"] }
            """);
        await node.StartAsync();
        server.Start();
        await Until.TrueAsync("the server listens", server.IsListeningAsync);
        var file = Path.Combine(node.Data, "f");
        File.WriteAllBytes(file, new byte[5000]);
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", file, "-Q", "-RNFR a.part", "-Q", "-RNTO a", server.Url("a.part")));
        await Until.TrueAsync("the final name is told", async () => (await node.ItemsAsync("/api/v1/events?kind=upload")).Exists(e => e.Text("path")!.EndsWith("/a", StringComparison.Ordinal)));
        await Until.TrueAsync("nothing waits", async () => (await node.SourceAsync("drop")).GetProperty("depth").GetInt64() == 0);
        var uploads = await node.ItemsAsync("/api/v1/events?kind=upload");
        Assert.Equal([server.Home + "/a.part", server.Home + "/a"], uploads.Select(u => u.Text("path")));
        Assert.Equal("alice", uploads[1].Text("user"));
        Assert.Equal(server.Home + "/a.part", uploads[1].Text("path_from"));
    }

    private static void Make(string root, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var folder = string.Create(CultureInfo.InvariantCulture, $"{root}/d{i / 1000}");
            if (i % 1000 == 0 || i == from)
                Directory.CreateDirectory(folder);
            File.WriteAllBytes(string.Create(CultureInfo.InvariantCulture, $"{folder}/f{i}"), "x"u8);
        }
    }
}
