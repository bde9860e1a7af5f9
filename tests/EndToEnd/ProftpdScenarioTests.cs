using System.Text.Json;
using FtpActors.Protocol.Proftpd;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>What goes wrong or is rare, with the real ProFTPD: transfers that are broken off in each way, uploads that continue a file, SITE commands. By Kafka and by a FIFO.</summary>
public sealed class ProftpdScenarioTests
{
    // More than the buffers of both ends take.
    private const int Big = 30_000_000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Transfers_that_are_broken_off_are_told_as_what_they_are(bool isKafka) => RunAsync(isKafka, BreakOffAsync, sessions: 5, (_, told) =>
    {
        told.RemoveAll(t => t.StartsWith("login", StringComparison.Ordinal));
        Assert.Equal(
            [
                "upload aborted abor.bin 1000", "download aborted big.bin", "download incomplete big.bin", "upload ok appended.bin 100", "upload ok appended.bin 50 offset=100 APPE",
                "upload ok new.bin 5 APPE", "upload ok appended.bin 10 offset=150", "download ok appended.bin 40 offset=120", "logout ok",
                "upload incomplete cut.bin 1000", "logout incomplete", "download incomplete big.bin", "logout incomplete", "logout incomplete",
            ],
            told[..^2]);
        // The server sees the end of the one connection first or that of the other.
        Assert.Matches("^upload (ok|aborted) died.bin", told[^2]);
        Assert.Equal("logout incomplete", told[^1]);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task SITE_commands_are_told_once_each_with_their_paths(bool isKafka) => RunAsync(isKafka, SiteAsync, sessions: 1, (server, told) =>
    {
        List<string> expected =
        [
            "login ok", "upload ok a.bin 3", "chmod ok a.bin", "chmod not_found missing", "other ok a.bin SITE CHGRP", "other ok a.bin SITE UTIME", "symlink ok a.bin > link", "mkdir ok dir", "rmdir ok dir",
            "other ok b.bin SITE CPTO", "other ok a.bin > c.bin SITE COPY", "other ok a.bin MFMT", "other ok a.bin MFF", "logout ok",
        ];
        // mod_kafka does not tell commands that the server does not know.
        if (!isKafka)
            expected.InsertRange(expected.Count - 1, ["other failed XYZZY"]);
        Assert.Equal(expected, told);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Over_SFTP_a_dropped_upload_and_one_that_appends_are_told_too(bool isKafka) => RunAsync(isKafka, SftpAsync, sessions: 3, (server, told) =>
    {
        List<string> expected = ["login ok", "upload ok a.bin 20", "login ok", "upload ok a.bin 20 APPE", "login ok", "upload incomplete cut.bin"];
        // mod_kafka does not tell these.
        if (!isKafka)
            expected.InsertRange(2, ["other ok a.bin SETSTAT", "symlink ok a.bin > l.bin"]);
        // curl's goodbye is read or not.
        Assert.Equal(expected, told.Where(t => !t.StartsWith("logout", StringComparison.Ordinal)));
        Assert.Equal("logout incomplete", told[^1]);
    });

    private static async Task RunAsync(bool isKafka, Func<ProftpdServer, Task> visit, int sessions, Action<ProftpdServer, List<string>> check)
    {
        using var folder = new TemporaryFolder();
        using var broker = new KafkaBroker();
        var lines = isKafka ? ProftpdConfig.ForKafka(broker.Brokers, ProftpdTopic.Name) : ProftpdConfig.ForLog(folder["log.fifo"]);
        await using var server = new ProftpdServer(lines, "LoadModule mod_copy.c");
        await using var node = new TestNode(sources: isKafka ? ProftpdTopic.Source(broker) : $$"""{ "name": "pro", "kind": "proftpd-log", "fifo": "{{folder["log.fifo"]}}" }""");
        await node.StartAsync();
        await node.ReadingAsync("pro");
        await server.StartAsync();
        await visit(server);
        try
        {
            await Until.TrueAsync("all sessions have ended", async () => (await node.ItemsAsync("/api/v1/sessions?open=false")).Count >= sessions, 40);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\n{string.Join('\n', await node.ItemsAsync("/api/v1/events"))}\n{server.Log}\n{server.Errors}", e);
        }
        // One session after the other: how their ends and beginnings mingle is chance.
        check(server, [.. (await node.ItemsAsync("/api/v1/events")).GroupBy(e => e.Text("session")).SelectMany(s => s).Select(e => Told(e, server))]);
        Assert.Equal(sessions, (await node.ItemsAsync("/api/v1/sessions")).Count);
        Assert.Equal(0, (await node.SourceAsync("pro")).Whole("quarantined"));
    }

    private static async Task BreakOffAsync(ProftpdServer server)
    {
        File.WriteAllBytes(Path.Combine(server.Home, "big.bin"), new byte[Big]);
        using (var client = await FtpConnection.LoginAsync(server.Port))
        {
            using (var data = await client.TransferAsync("STOR abor.bin"))
                await data.GetStream().WriteAsync(new byte[1000]);
            await client.ReplyAsync("226");
            await client.CommandAsync("ABOR", "226");
            using (var data = await client.TransferAsync("RETR big.bin"))
            {
                await client.AbortAsync();
                await data.GetStream().CopyToAsync(Stream.Null);
            }
            await client.ReplyAsync("426");
            await client.ReplyAsync("226");
            using (var data = await client.TransferAsync("RETR big.bin"))
                await data.GetStream().ReadExactlyAsync(new byte[1000]);
            await client.ReplyAsync("426");
            await client.UploadAsync("appended.bin", new byte[100]);
            await client.UploadAsync("appended.bin", new byte[50], "APPE");
            await client.UploadAsync("new.bin", new byte[5], "APPE");
            await client.CommandAsync("REST 150", "350");
            await client.UploadAsync("appended.bin", new byte[10]);
            await client.CommandAsync("REST 120", "350");
            Assert.Equal(40, (await client.DownloadAsync("appended.bin")).Length);
            await client.CommandAsync("QUIT", "221");
        }
        using (var client = await FtpConnection.LoginAsync(server.Port))
        {
            using var data = await client.TransferAsync("STOR cut.bin");
            await data.GetStream().WriteAsync(new byte[1000]);
            await Until.TrueAsync("the server has a part", () => new FileInfo(Path.Combine(server.Home, "cut.bin")) is { Exists: true, Length: > 0 });
            data.Client.Close(0);
            client.Reset();
        }
        using (var client = await FtpConnection.LoginAsync(server.Port))
        {
            using var data = await client.TransferAsync("RETR big.bin");
            await data.GetStream().ReadExactlyAsync(new byte[1000]);
            data.Client.Close(0);
            client.Reset();
        }
        using (var client = await FtpConnection.LoginAsync(server.Port))
            client.Reset();
        // As when the client's process dies: the system closes both connections in order.
        using (var client = await FtpConnection.LoginAsync(server.Port))
        {
            using var data = await client.TransferAsync("STOR died.bin");
            await data.GetStream().WriteAsync(new byte[1000]);
        }
    }

    private static async Task SiteAsync(ProftpdServer server)
    {
        using var client = await FtpConnection.LoginAsync(server.Port);
        await client.UploadAsync("a.bin", new byte[3]);
        await client.CommandAsync("SITE CHMOD 640 a.bin", "200");
        await client.CommandAsync("SITE CHMOD 640 missing", "550");
        await client.CommandAsync("SITE CHGRP 65534 a.bin", "200");
        await client.CommandAsync("SITE UTIME 20200101000000 a.bin", "200");
        await client.CommandAsync("SITE SYMLINK a.bin link", "200");
        await client.CommandAsync("SITE MKDIR dir", "200");
        await client.CommandAsync("SITE RMDIR dir", "200");
        await client.CommandAsync("SITE CPFR a.bin", "350");
        await client.CommandAsync("SITE CPTO b.bin", "250");
        await client.CommandAsync("SITE COPY a.bin c.bin", "200");
        await client.CommandAsync("MFMT 20200102030405 a.bin", "213");
        await client.CommandAsync("MFF modify=20210102030405; a.bin", "213");
        await client.CommandAsync("XYZZY", "500");
        await client.CommandAsync("QUIT", "221");
    }

    private static async Task SftpAsync(ProftpdServer server)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, new byte[20]);
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-k", "-T", file, server.SftpUrl("a.bin"), "-Q", $"-chmod 640 {server.Home}/a.bin", "-Q", $"-symlink {server.Home}/a.bin {server.Home}/l.bin"));
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-k", "-a", "-T", file, server.SftpUrl("a.bin")));
        File.Delete(file);
        await using var held = new HeldLogin(server.SftpUrl("cut.bin"));
        await held.SendAsync(new byte[200_000]);
        await Until.TrueAsync("the server has a part", () => new FileInfo(Path.Combine(server.Home, "cut.bin")) is { Exists: true, Length: > 0 });
    }

    private static string? Of(JsonElement e, string name) => e.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Told(JsonElement e, ProftpdServer server)
    {
        // What was pushed into the socket of a download that broke off is the server's secret, and how far an upload had come when it was cut.
        var bytes = e.Text("kind") is "upload" or "download" && (e.Text("status") is "ok" || e.Whole("bytes") is 1000) ? $" {e.Whole("bytes")}" : "";
        var path = e.Text("path") is { } p ? $" {p}" : "";
        var to = e.Text("path_to") is { } t ? $" > {t}" : "";
        var offset = e.TryGetProperty("extra", out var extra) && extra.ValueKind == JsonValueKind.Array
            ? string.Concat(extra.EnumerateArray().Select(x => x.GetString()!).Where(x => x.StartsWith("offset=", StringComparison.Ordinal)).Select(x => " " + x)) : "";
        var type = Of(e, "type") is { } y ? $" {y}" : "";
        return $"{e.Text("kind")} {e.Text("status")}{path}{to}{bytes}{offset}{type}".Replace(server.Home + "/", "", StringComparison.Ordinal);
    }
}
