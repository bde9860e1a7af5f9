using System.Net;
using System.Net.Sockets;
using FtpActors.Tests.Shared;

namespace FtpActors.Node.Tests;

/// <summary>The commands replay and rebuild against a real node.</summary>
public sealed class ReplayTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Replay_and_rebuild_run_in_the_node_and_tell_what_they_did()
    {
        var (http, udp) = (FreePort.Take(), FreePort.Take());
        _scratch.Write("rules.conf", """[ { "name": "note", "on": ["upload", "login"], "actions": [ { "file": "/dev/null" } ] } ]""");
        var file = _scratch.Write("node.conf", $$"""
            {
              "node": { "name": "test", "listen": "127.0.0.1:{{http}}", "data": "var" },
              "journal": { "shards": 2 },
              "rules": "rules.conf",
              "sources": [ { "name": "udp", "kind": "ncftpd-udp", "listen": "127.0.0.1:{{udp}}", "allow": ["127.0.0.1"] } ]
            }
            """);
        using var node = RunningProgram.Start("run", "--config", file);
        await node.SaysAsync("is ready");
        // A datagram that comes before the port is bound is nobody's.
        await node.SaysAsync("(ncftpd-udp) is reading");
        var url = $"http://127.0.0.1:{http}";
        using (var sender = new UdpClient())
        {
            var login = "STR\n 47\nLOGIN\nanna\n\n\nftp.example.com\n192.0.2.7\n"u8.ToArray();
            await sender.SendAsync(login, new IPEndPoint(IPAddress.Loopback, udp));
        }
        await UntilAsync(url, "events", "anna");

        var (code, output, errors) = await RunningProgram.RunAsync(null, "replay", "--since", "1d", "--until", "0s", "--dry-run", "--node", url);
        Assert.True(code == 0, errors);
        Assert.Contains("is done: 1 events read, 1 matched, nothing made (dry run)", output, StringComparison.Ordinal);
        Assert.Contains("note: 1", output, StringComparison.Ordinal);

        (code, output, errors) = await RunningProgram.RunAsync(null, "replay", "--since", "1d", "--until", "0s", "--node", url);
        Assert.True(code == 0, errors);
        Assert.Contains("1 deliveries made", output, StringComparison.Ordinal);

        (_, output, _) = await RunningProgram.RunAsync(null, "replay", "--list", "--node", url);
        Assert.Equal(3, output.TrimEnd().Split('\n').Length);

        (code, _, errors) = await RunningProgram.RunAsync(null, "replay", "--since", "1d", "--until", "0s", "--rule", "nots", "--node", url);
        Assert.Equal(2, code);
        Assert.Contains("There is no rule 'nots'; there are: note.", errors, StringComparison.Ordinal);

        (code, _, _) = await RunningProgram.RunAsync(null, "replay", "--node", url);
        Assert.Equal(2, code);

        (code, output, errors) = await RunningProgram.RunAsync(null, "rebuild", "--node", url);
        Assert.True(code == 0, errors);
        Assert.Contains("1 events make 1 sessions; stored: 0 missing, 0 extra, 0 different", output, StringComparison.Ordinal);

        node.Signal("TERM");
        Assert.Equal(0, await node.EndAsync());
    }

    private static async Task UntilAsync(string url, string command, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await RunningProgram.RunAsync(null, command, "--node", url)).Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(100, limit.Token);
    }
}
