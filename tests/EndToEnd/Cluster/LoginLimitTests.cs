using System.Net.Sockets;
using System.Text;
using FtpActors.Tests.Shared;
using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Login limits over two hosts; this test speaks as their servers do.</summary>
public sealed class LoginLimitTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private const int Limit = 3;

    [Fact]
    public async Task Fifty_logins_at_once_over_two_hosts_never_pass_a_limit_also_while_the_one_that_counts_moves()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["scoreboard"]);
        var connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync());
        ClusterSettings Settings(string host, ClusterSettings? same) => new(same)
        {
            Connection = connection, SeedNames = ["h1", "h2"],
            More = $$"""
                "authd": { "socket": "{{folder[host]}}", "scoreboard": "{{folder["scoreboard"]}}", "lease": "10m", "answer": "5s", "fail": "closed", "limits": [ { "user": "*", "max": {{Limit}} } ] },
                """,
        };
        var common = Settings("none", null);
        await using var h1 = new ClusterNode(common, "h1", "handler");
        await using var h2 = new ClusterNode(common, "h2", "handler");
        await using var ftp1 = new ClusterNode(Settings("ftp1", common), "ftp1", "authd");
        await using var ftp2 = new ClusterNode(Settings("ftp2", common), "ftp2", "authd");
        ClusterNode[] all = [h1, h2, ftp1, ftp2];
        Array.ForEach(all, n => n.Start());
        foreach (var node in all)
            await node.ReadyAsync();
        await Until.TrueAsync("logins are answered", async () => await LoginAsync(folder["ftp1"], "warm") && await LoginAsync(folder["ftp2"], "warm"));

        for (var round = 0; round < 4; round++)
        {
            var user = $"ann{round}";
            var logins = Enumerable.Range(0, 50).Select(i => LoginAsync(folder[i % 2 == 0 ? "ftp1" : "ftp2"], user)).ToList();
            // While they are asked: a hand-over in order, the same back, and a kill.
            if (round == 1)
                Assert.Equal(0, await h2.StopAsync());
            else if (round == 2)
                h2.Start();
            else if (round == 3)
                await h1.KillAsync();
            var passed = (await Task.WhenAll(logins)).Count(p => p);
            // Those that got no answer in time were refused, as the setting says; their slots may have been taken.
            Assert.InRange(passed, 0, Limit);
            await Until.TrueAsync("the user has as many sessions as it may", async () => await LoginAsync(folder["ftp1"], user) is var more && (passed += more ? 1 : 0) <= Limit && !more);
            output.WriteLine($"round {round}: {passed} of 50");
            if (round == 0)
                Assert.Equal(Limit, passed);
            if (round == 2)
                await h2.ReadyAsync();
        }
        var answers = (await ftp1.GetAsync("/api/v1/authd")).GetProperty("latency_p99_ms").GetDouble();
        output.WriteLine($"p99 of answers {answers} ms, moves among them");
    }

    // What Pure-FTPd sends (the form of pure-authd), and whether it lets the next method go on.
    private static async Task<bool> LoginAsync(string path, string user)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"account:{user}\npassword:p\nlocalhost:127.0.0.1\nlocalport:21\npeer:192.0.2.7\nsni_name:\nencrypted:0\nend\n"));
        using var reader = new StreamReader(new NetworkStream(socket));
        return (await reader.ReadToEndAsync()).StartsWith("auth_ok:0", StringComparison.Ordinal);
    }
}
