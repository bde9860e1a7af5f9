using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FtpActors.Protocol.Proftpd;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The real ProFTPD with mod_kafka, mod_sftp and logs, real clients, and a broker.</summary>
public class ProftpdTests
{
    [Fact]
    public async Task What_clients_do_over_FTP_and_SFTP_comes_by_Kafka_as_events_and_sessions()
    {
        using var broker = new KafkaBroker();
        await using var server = new ProftpdServer(ProftpdConfig.ForKafka(broker.Brokers, ProftpdTopic.Name));
        await using var node = new TestNode(sources: ProftpdTopic.Source(broker));
        await node.StartAsync();
        await server.StartAsync();
        await VisitAsync(server);
        await SeesAllAsync(node, server, isKafka: true);
    }

    [Fact]
    public async Task The_same_comes_by_a_FIFO()
    {
        using var folder = new TemporaryFolder();
        await using var server = new ProftpdServer(ProftpdConfig.ForLog(folder["log.fifo"]));
        await using var node = new TestNode(sources: $$"""{ "name": "pro", "kind": "proftpd-log", "fifo": "{{folder["log.fifo"]}}" }""");
        await node.StartAsync();
        await node.ReadingAsync("pro");
        await server.StartAsync();
        await VisitAsync(server);
        await SeesAllAsync(node, server, isKafka: false);
    }

    [Fact]
    public async Task The_servers_own_xferlog_tells_transfers_and_HiddenStores_names_are_final()
    {
        using var folder = new TemporaryFolder();
        await using var server = new ProftpdServer($"TransferLog {folder["xferlog"]}\n{ProftpdConfig.ForLog(folder["log"])}", "HiddenStores on");
        await using var node = new TestNode(sources: $$"""
            { "name": "pro", "kind": "proftpd-log", "file": "{{folder["log"]}}" }, { "name": "xfer", "kind": "xferlog", "file": "{{folder["xferlog"]}}" }
            """);
        await node.StartAsync();
        await server.StartAsync();
        using (var client = await FtpConnection.LoginAsync(server.Port))
        {
            await client.UploadAsync("a.bin", new byte[500]);
            await client.CommandAsync("QUIT", "221");
        }
        await Until.TrueAsync("both logs told the upload", async () => (await node.ItemsAsync("/api/v1/events")).Count(e => e.Text("kind") == "upload") == 2);
        var uploads = (await node.ItemsAsync("/api/v1/events")).Where(e => e.Text("kind") == "upload").ToList();
        Assert.All(uploads, e => Assert.Equal((server.Home + "/a.bin", 500, "ok", "alice"), (e.Text("path"), e.Whole("bytes"), e.Text("status"), e.Text("user"))));
        Assert.Equal(["pro", "xfer"], uploads.Select(e => e.Text("source")).Order());
    }

    [Fact]
    public async Task A_broker_that_is_away_and_comes_back_and_a_node_that_is_killed_lose_and_double_nothing()
    {
        using var broker = new KafkaBroker();
        broker.CreateTopic(ProftpdTopic.Name, 4);
        await using var node = new TestNode(sources: ProftpdTopic.Source(broker));
        await node.StartAsync();
        var sent = 0;
        for (var round = 0; round < 6; round++)
        {
            broker.Write(ProftpdTopic.Name, Enumerable.Range(0, 100).SelectMany(_ => ProftpdTopic.Session(sent++)));
            if (round % 2 == 0)
            {
                broker.Stop();
                await Until.TrueAsync("the source says that the broker is away", async () => (await node.SourceAsync("pro")).Text("state") == "waiting");
                broker.Start();
                await Until.TrueAsync("the source goes on", async () => (await node.SourceAsync("pro")).Text("state") == "reading");
            }
            else
            {
                await node.Process!.SignalAsync("KILL");
                await node.Process.ExitAsync();
                await node.StartAsync();
            }
        }
        await CountsAsync([node], sent);
        Assert.All(await node.ItemsAsync("/api/v1/sessions"), s => Assert.Equal((1, 1, "logout", "login"), (s.Whole("uploads"), s.Whole("renames"), s.Text("ended"), s.Text("began"))));
    }

    [Fact]
    public async Task Published_topics_are_what_the_configuration_says_and_the_backlog_waits_for_the_broker()
    {
        using var broker = new KafkaBroker();
        broker.CreateTopic(ProftpdTopic.Name, 4);
        using var target = new KafkaBroker();
        target.CreateTopic("sessions", 4);
        target.CreateTopic("uploads", 1);
        target.Stop();
        await using var node = new TestNode(
            sources: ProftpdTopic.Source(broker),
            rules: """[ { "name": "up", "on": ["upload"], "status": ["ok"], "actions": [ { "kafka": { "topic": "uploads" } } ] } ]""",
            more: $$"""
                "kafka": { "brokers": "{{target.Brokers}}", "formats": { "sessions": ["ENV:UNIQUE_ID", "command", "user", "remote_ip", "epoch", "file"] }, "librdkafka": { "reconnect.backoff.max.ms": 500 } },
                "publish": [ { "events": ["login", "logout"], "format": "sessions", "topic": "sessions" } ],
                """);
        await node.StartAsync();
        broker.Write(ProftpdTopic.Name, Enumerable.Range(0, 20).SelectMany(ProftpdTopic.Session));
        await Until.TrueAsync("all is owed", async () => (await node.ItemsAsync("/api/v1/deliveries?state=due")).Count == 60);
        target.Start();
        var sessions = await ReadAsync(target, "sessions", 40);
        foreach (var session in sessions.GroupBy(m => m.Key))
        {
            Assert.Single(session.Select(m => m.Partition).Distinct());
            Assert.Equal(["PASS", "EXIT"], session.OrderBy(m => m.Offset).Select(m => m.Value.Text("command")));
            Assert.Equal(["ENV:UNIQUE_ID", "command", "user", "remote_ip", "epoch"], session.First().Value.EnumerateObject().Select(p => p.Name));
        }
        Assert.Equal(20, sessions.Select(m => m.Key).Distinct().Count());
        var uploads = await ReadAsync(target, "uploads", 20);
        Assert.All(uploads, m => Assert.Equal(("upload", "ok", "alice"), (m.Value.Text("kind"), m.Value.Text("status"), m.Value.Text("user"))));
    }

    private static async Task CountsAsync(IReadOnlyList<TestNode> nodes, int sessions)
    {
        await Until.TrueAsync($"{sessions} sessions have ended", async () => (await AllAsync(nodes)).Count(s => s.Text("ended") == "logout") >= sessions, 120);
        Assert.Equal(sessions, (await AllAsync(nodes)).Count);
    }

    private static async Task<List<JsonElement>> AllAsync(IReadOnlyList<TestNode> nodes)
    {
        var all = new List<JsonElement>();
        foreach (var node in nodes)
            all.AddRange(await node.ItemsAsync("/api/v1/sessions"));
        return all;
    }

    private static async Task VisitAsync(ProftpdServer server)
    {
        using (var client = await FtpConnection.LoginAsync(server.Port))
        {
            await client.UploadAsync("up.bin", new byte[1000]);
            Assert.Equal(1000, (await client.DownloadAsync("up.bin")).Length);
            await client.CommandAsync("RETR missing", "550");
            await client.CommandAsync("MKD dir", "257");
            await client.CommandAsync("CWD dir", "250");
            await client.CommandAsync("CWD ..", "250");
            await client.CommandAsync("RMD dir", "250");
            await client.UploadAsync("x.part", new byte[70]);
            await client.CommandAsync("RNFR x.part", "350");
            await client.CommandAsync("RNTO x y \"z\".bin", "250");
            await client.CommandAsync("SITE CHMOD 640 up.bin", "200");
            await client.CommandAsync("DELE up.bin", "250");
            await client.CommandAsync("DELE up.bin", "550");
            await client.CommandAsync("QUIT", "221");
        }
        Assert.Equal(67, await PureFtpdServer.CurlAsync(server.Url("", "alice:wrong")));
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, new byte[33]);
        string[] sftp = ["-k", "-T", file, server.SftpUrl("s.bin"), "-Q", $"-rename {server.Home}/s.bin {server.Home}/t.bin", "-Q", $"-mkdir {server.Home}/sdir", "-Q", $"-rm {server.Home}/t.bin"];
        Assert.Equal(0, await PureFtpdServer.CurlAsync(sftp));
        File.Delete(file);
    }

    private static async Task SeesAllAsync(TestNode node, ProftpdServer server, bool isKafka)
    {
        try
        {
            await Until.TrueAsync("both sessions have ended", async () => (await node.ItemsAsync("/api/v1/sessions")).Count(s => s.Text("ended") is not null) >= 2, 40);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{string.Join('\n', await node.ItemsAsync("/api/v1/events"))}\n{await node.GetAsync("/api/v1/status")}\n{server.Log}\n{server.Errors}", e);
        }
        var events = (await node.ItemsAsync("/api/v1/events")).Where(e => e.Text("source") == "pro").ToList();
        var ftp = events.Where(e => e.Text("service") == "Test FTP" && e.Text("kind") is not ("other" or "login_failed")).Select(Told).ToList();
        Assert.Equal(
            [
                "login ok", "upload ok up.bin 1000", "download ok up.bin 1000", "download not_found missing", "mkdir ok dir", "rmdir ok dir", "upload ok x.part 70", "rename ok x.part > x y \"z\".bin",
                "upload ok x y \"z\".bin 70", "chmod ok up.bin", "delete ok up.bin", "delete not_found up.bin", "logout ok",
            ],
            ftp);
        Assert.Equal("alice denied", string.Join(',', events.Where(e => e.Text("kind") == "login_failed").Select(e => $"{e.Text("user")} {e.Text("status")}")));
        var sftp = events.Where(e => e.Text("service") == "Test SFTP" && e.Text("kind") is not ("other" or "list")).Select(Told).ToList();
        Assert.Equal(["login ok", "upload ok s.bin 33", "rename ok s.bin > t.bin", "mkdir ok sdir", "delete ok t.bin"], sftp.SkipLast(1));
        // curl says goodbye and closes at once: the server has read the one or met the other.
        Assert.Contains(sftp[^1], (string[])["logout ok", "logout incomplete"]);
        Assert.All(events, e => Assert.Equal(isKafka ? "127.0.0.1" : "ftp1", e.Text("host")));
        var sessions = await node.ItemsAsync("/api/v1/sessions");
        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, s => Assert.Equal(("alice", "exact", "login"), (s.Text("user"), s.Text("certainty"), s.Text("began"))));
        Assert.All(sessions, s => Assert.Contains(s.Text("ended"), s.Text("service") == "Test SFTP" ? (string[])["logout", "lost"] : ["logout"]));
        Assert.Equal(0, (await node.SourceAsync("pro")).GetProperty("quarantined").GetInt64());

        string Told(JsonElement e)
        {
            var bytes = e.Text("kind") is "upload" or "download" && e.Whole("bytes") is { } n ? $" {n}" : "";
            var path = e.Text("path") is { } p ? $" {p}" : "";
            var to = e.Text("path_to") is { } t ? $" > {t}" : "";
            return $"{e.Text("kind")} {e.Text("status")}{path}{to}{bytes}".Replace(server.Home + "/", "", StringComparison.Ordinal);
        }
    }

    /// <summary>Reads a topic with Debian's kcat until so many messages are there.</summary>
    private static async Task<List<(string Key, int Partition, long Offset, JsonElement Value)>> ReadAsync(KafkaBroker broker, string topic, int count)
    {
        var messages = new List<(string Key, int Partition, long Offset, JsonElement Value)>();
        await Until.TrueAsync($"{count} messages in {topic}", async () =>
        {
            string[] arguments = ["-b", broker.Brokers, "-C", "-t", topic, "-e", "-q", "-f", "%k\t%p\t%o\t%s\n"];
            using var kcat = Process.Start(new ProcessStartInfo("kcat", arguments) { RedirectStandardOutput = true })!;
            var output = await kcat.StandardOutput.ReadToEndAsync();
            await kcat.WaitForExitAsync();
            messages = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t', 4)).Select(c =>
                (c[0], int.Parse(c[1], CultureInfo.InvariantCulture), long.Parse(c[2], CultureInfo.InvariantCulture), JsonSerializer.Deserialize<JsonElement>(c[3])))];
            return messages.Count >= count;
        });
        Assert.Equal(count, messages.Count);
        return messages;
    }
}
