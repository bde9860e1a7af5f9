using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FtpActors.Tests.Shared;

namespace FtpActors.Node.Tests;

public sealed class ProgramTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Doctor_names_what_is_wrong_and_how_to_mend_it_for_every_kind_of_source()
    {
        using var scratch = new Scratch();
        var config = scratch.Write("node.conf", """
            { "node": { "data": "var" },
              "sources": [ { "name": "queue", "kind": "ncftpd-mqueue", "key": "0x51C0FFEE" }, { "name": "udp", "kind": "ncftpd-udp" },
                           { "name": "pure", "kind": "pureftpd", "pipe": "/nowhere/pipe" }, { "name": "drop", "kind": "watch", "path": "/nowhere/at/all" },
                           { "name": "ssh", "kind": "openssh-log", "sockets": ["/nowhere/dev/log"] } ] }
            """);
        var (code, output, errors) = await RunningProgram.RunAsync(null, "doctor", "--config", config);
        Assert.Equal((1, ""), (code, errors));
        foreach (var source in (string[])["node", "queue", "udp", "pure", "drop", "ssh"])
            Assert.Contains($" {source}: ", output, StringComparison.Ordinal);
        Assert.Contains("fail  drop: There is no folder /nowhere/at/all.\n      -> Make it", output, StringComparison.Ordinal);
        Assert.Contains("fail  ssh: There is no folder /nowhere/dev", output, StringComparison.Ordinal);
        (code, output, _) = await RunningProgram.RunAsync(null, "doctor", "--config", config, "--format", "json");
        Assert.Equal(1, code);
        Assert.Contains("""{"level":"fail","source":"drop",""", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decode_shows_the_lines_of_OpenSSH_and_their_events()
    {
        var (code, output, _) = await RunningProgram.RunAsync(
            "Nov 21 00:22:46 h internal-sftp[7]: session opened for local user bob from [::1]\nNov 21 00:22:46 h internal-sftp[7]: close \"/a\" bytes read 0 written 9\n"u8.ToArray(),
            "decode", "--kind", "openssh-log");
        Assert.Equal(0, code);
        Assert.Contains("\"says\":\"close\"", output, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"upload\"", output, StringComparison.Ordinal);
        (code, _, var errors) = await RunningProgram.RunAsync("nothing\n"u8.ToArray(), "decode", "--kind", "openssh-log");
        Assert.Equal(1, code);
        Assert.Contains("no line of OpenSSH", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_without_a_node_says_so_in_one_line_and_ends_with_2()
    {
        var (code, output, errors) = await RunningProgram.RunAsync(null, "who", "--node", $"http://127.0.0.1:{FreePort.Take()}");
        Assert.Equal(2, code);
        Assert.Equal("", output);
        Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.Contains("no node answers", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistyped_command_ends_with_2_and_names_the_one_that_was_meant()
    {
        var (code, _, errors) = await RunningProgram.RunAsync(null, "sesions");
        Assert.Equal(2, code);
        Assert.Contains("Did you mean 'sessions'?", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--by x: must be one of user, host, remote", "who", "--by", "x", "--count")]
    [InlineData("--seconds x: must be a whole number", "demo", "--seconds", "x")]
    [InlineData("--seconds must be from 1 to 3600", "demo", "--seconds", "0")]
    public async Task A_value_that_cannot_be_is_told_in_a_line_and_ends_with_2(string told, params string[] command)
    {
        var (code, output, errors) = await RunningProgram.RunAsync(null, command);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(told, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_configuration_ends_with_2_and_all_its_problems()
    {
        var file = _scratch.Write("bad.conf", """{ "journal": { "shards": 0 }, "nod": {} }""");
        var (code, _, errors) = await RunningProgram.RunAsync(null, "run", "--config", file);
        Assert.Equal(2, code);
        Assert.Contains("journal.shards = 0", errors, StringComparison.Ordinal);
        Assert.Contains("Did you mean \"node\"?", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decode_prints_the_message_with_its_flags_and_the_event()
    {
        var (code, output, errors) = await RunningProgram.RunAsync(
            Encoding.ASCII.GetBytes("STR\n 99\nLOGIN\nal\x1Bice\n\n\nftp.example.com\n192.0.2.7\n"), "decode");
        Assert.True(code == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("login", json.RootElement.GetProperty("event").GetProperty("kind").GetString());
        Assert.Equal("al\x1Bice", json.RootElement.GetProperty("event").GetProperty("user").GetString());
        Assert.Contains("truncated", json.RootElement.GetProperty("event").GetProperty("flags").EnumerateArray().Select(f => f.GetString()));
        Assert.True(json.RootElement.GetProperty("message").TryGetProperty("flags", out _));
    }

    [Fact]
    public async Task Decode_shows_every_record_of_the_upload_pipe_and_what_is_none()
    {
        var (code, output, errors) = await RunningProgram.RunAsync(
            "\u0002bob\u0001/a b\0noise\u0002eve\u0001/c\0\u0002cut"u8.ToArray(), "decode", "--kind", "pureftpd-pipe");
        Assert.Equal(1, code);
        Assert.Contains("1 pieces were rejected, and 4 bytes at the end", errors, StringComparison.Ordinal);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToList();
        Assert.Equal(3, lines.Count);
        Assert.Equal("/a b", lines[0].GetProperty("event").GetProperty("path").GetString());
        Assert.Equal("unknown", lines[0].GetProperty("event").GetProperty("status").GetString());
        Assert.Equal("noise", lines[1].GetProperty("rejected").GetString());
        Assert.Equal("eve", lines[2].GetProperty("message").GetProperty("account").GetString());
    }

    [Fact]
    public async Task Decode_reads_the_alternative_log_and_the_scoreboard()
    {
        var (code, output, errors) = await RunningProgram.RunAsync(
            "1795221122 6b00e561.6c34 bob 192.0.2.7 D 1000 3 /f\n192.0.2.7 - bob [21/Nov/2026:00:25:22 -0000] \"PUT /a%20b\" 200 5\n"u8.ToArray(),
            "decode", "--kind", "pureftpd-altlog");
        Assert.True(code == 0, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l)).ToList();
        Assert.Equal(["download", "upload"], lines.Select(l => l.GetProperty("event").GetProperty("kind").GetString()));
        Assert.Equal("6b00e561.6c34", lines[0].GetProperty("event").GetProperty("session").GetString());

        (code, output, errors) = await RunningProgram.RunAsync(new byte[1464], "decode", "--kind", "pureftpd-scoreboard");
        Assert.True(code == 0, errors);
        Assert.Equal("free", JsonSerializer.Deserialize<JsonElement>(output).GetProperty("entry").GetProperty("state").GetString());
        (code, _, errors) = await RunningProgram.RunAsync(new byte[10], "decode", "--kind", "pureftpd-scoreboard");
        Assert.Equal(1, code);
        Assert.Contains("1464, 1456 or 3504", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decode_of_something_else_ends_with_1_and_the_reason()
    {
        var (code, _, errors) = await RunningProgram.RunAsync("hello"u8.ToArray(), "decode");
        Assert.Equal(1, code);
        Assert.Contains("not a message of NcFTPd", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_one_line_and_ends_with_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var file = Config(((IPEndPoint)taken.LocalEndpoint).Port);
        var (code, _, errors) = await RunningProgram.RunAsync(null, "run", "--config", file);
        Assert.Equal(1, code);
        Assert.Contains("node.listen: cannot listen on", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_node_on_the_same_folder_ends_with_1_and_the_first_goes_on()
    {
        var port = FreePort.Take();
        using var first = RunningProgram.Start("run", "--config", Config(port));
        await first.SaysAsync("is ready");

        var (code, _, errors) = await RunningProgram.RunAsync(null, "run", "--config", Config(FreePort.Take()));
        Assert.Equal(1, code);
        Assert.Contains(Path.Combine(_scratch.Folder, "var"), errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);

        var (alive, _, _) = await RunningProgram.RunAsync(null, "status", "--node", $"http://127.0.0.1:{port}");
        Assert.Equal(0, alive);
    }

    [Fact]
    public async Task SIGHUP_applies_what_can_change_and_SIGTERM_drains_and_ends_with_0()
    {
        var port = FreePort.Take();
        var file = Config(port);
        using var node = RunningProgram.Start("run", "--config", file);
        await node.SaysAsync("is ready");

        File.WriteAllText(file, File.ReadAllText(file)
            .Replace("\"shards\": 2", "\"shards\": 3", StringComparison.Ordinal)
            .Replace("[\"127.0.0.1\"]", "[\"127.0.0.1\", \"127.0.0.2\"]", StringComparison.Ordinal));
        node.Signal("HUP");
        await node.SaysAsync("journal.shards changed; it takes a restart");
        await node.SaysAsync("sources.0.allow changed to");

        node.Signal("TERM");
        Assert.Equal(0, await node.EndAsync());
        Assert.Contains("the node has ended", node.Errors, StringComparison.Ordinal);
    }

    private string Config(int port) => _scratch.Write($"{port}.conf", $$"""
        {
          "node": { "name": "test", "listen": "127.0.0.1:{{port}}", "data": "var" },
          "journal": { "shards": 2 },
          "sources": [ { "name": "udp", "kind": "ncftpd-udp", "listen": "127.0.0.1:{{FreePort.Take()}}", "allow": ["127.0.0.1"] } ]
        }
        """);
}
