using System.Diagnostics;
using System.Globalization;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>The shipped example of videos with the real sshd, Debian's ffmpeg and a real mail server. Only its paths and ports are others.</summary>
public sealed class VideoExampleTests
{
    [Fact]
    public async Task A_video_that_comes_by_SFTP_is_converted_and_its_user_gets_a_mail_and_one_that_is_none_is_refused()
    {
        using var folder = new TemporaryFolder();
        await using var server = new SftpServer();
        var port = FreePort.Take();
        var mails = folder["mails"];
        File.WriteAllText(folder["users.csv"], "login,name,email\nalice,Alice,alice@example.org\nbob,Bob,bob@example.org\n");
        using var mail = Process.Start(new ProcessStartInfo(
            "/usr/bin/python3", ["-m", "aiosmtpd", "-n", "-l", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "-c", "aiosmtpd.handlers.Mailbox", mails]))!;
        try
        {
            await using var node = new TestNode();
            File.WriteAllText(node.Config, File.ReadAllText(Shipped("hocon/examples/video.conf"))
                .Replace("127.0.0.1:9110", node.Listen, StringComparison.Ordinal).Replace("/var/lib/ftpactors", node.Data, StringComparison.Ordinal)
                .Replace("/etc/ftpactors/users.csv", folder["users.csv"], StringComparison.Ordinal)
                .Replace("\"port\": 25", string.Create(CultureInfo.InvariantCulture, $"\"port\": {port}"), StringComparison.Ordinal)
                .Replace("\"/dev/log\"", $"\"{server.Log}\"", StringComparison.Ordinal).Replace("\"/run/systemd/journal/dev-log\"", "null", StringComparison.Ordinal)
                .Replace("/srv/sftp", server.Root, StringComparison.Ordinal).Replace("/srv/video", folder["video"], StringComparison.Ordinal)
                .Replace("/opt/ftpactors/hocon", Shipped("hocon"), StringComparison.Ordinal).Replace("\"first\": \"10s\"", "\"first\": \"100ms\"", StringComparison.Ordinal));
            await node.StartAsync();
            await server.StartAsync();
            var video = folder["holiday; rm -rf $HOME.avi"];
            Assert.Equal(0, await SftpServer.ExecuteAsync(
                "ffmpeg", "", "-v", "error", "-f", "lavfi", "-i", "testsrc=duration=1:size=160x120:rate=10", "-f", "lavfi", "-i", "sine=duration=1", "-c:v", "mpeg4", video));
            Assert.Equal(0, await server.SftpAsync($"put \"{video}\" .\nput {server.LocalFile("fake.avi", 5000)} ."));

            await Until.TrueAsync("two mails came", () => Directory.Exists(mails + "/new") && Directory.GetFiles(mails + "/new").Length == 2, seconds: 120);
            var texts = Directory.GetFiles(mails + "/new").Select(File.ReadAllText).ToList();
            Assert.All(texts, t => Assert.Contains("To: alice@example.org", t, StringComparison.Ordinal));
            Assert.Single(texts, t => t.Contains("Subject: Your video is ready", StringComparison.Ordinal));
            Assert.Single(texts, t => t.Contains("Subject: Your video cannot be used", StringComparison.Ordinal));

            var made = folder["video/alice/holiday; rm -rf $HOME"];
            Assert.Equal([made + ".jpg", made + ".json", made + ".mp4"], Directory.GetFiles(folder["video/alice"]).Order(StringComparer.Ordinal));
            var said = await File.ReadAllTextAsync(made + ".json");
            Assert.Contains("\"codec_name\": \"h264\"", said, StringComparison.Ordinal);
            Assert.Contains("\"title\": \"holiday; rm -rf $HOME\"", said, StringComparison.Ordinal);
            Assert.Equal([0xFF, 0xD8], (await File.ReadAllBytesAsync(made + ".jpg"))[..2]);
        }
        finally
        {
            mail.Kill();
            await mail.WaitForExitAsync();
        }
    }

    private static string Shipped(string path)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FtpActors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the project's folder.");
        return Path.Combine(folder, path);
    }
}
