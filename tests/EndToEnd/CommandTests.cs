using System.Text.Json;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The commands against a real node, as a person or a script uses them.</summary>
public sealed class CommandTests
{
    private static readonly string[] EventNames =
        ["spool", "seq", "received_at", "time", "kind", "host", "service", "source", "session", "user", "email", "remote_host", "path", "path_to", "bytes", "seconds", "status", "flags"];

    private static readonly string[] SessionNames =
    [
        "id", "host", "service", "session", "user", "email", "remote_host", "local", "opened_at", "closed_at", "began", "ended", "state", "certainty", "path", "bytes_now",
        "bytes_total", "restart_at", "transfer_started_at", "rate", "uploads", "downloads", "bytes_up", "bytes_down", "failures", "deletes", "mkdirs", "renames", "other", "last_at",
    ];

    [Fact]
    public async Task The_demo_rebuilds_what_it_sent_and_leaves_no_queue_behind()
    {
        await using var demo = Program.Start("demo", "--seconds", "3", "--rate", "300");
        await Until.TrueAsync("it uses a queue", () => demo.HasExited || HasQueueOf(demo.Id));
        Assert.False(demo.HasExited, demo.Output + demo.Errors);
        Assert.True(await demo.ExitAsync() == 0, demo.Output + demo.Errors);
        Assert.False(HasQueueOf(demo.Id));
    }

    [Fact]
    public async Task Events_and_sessions_have_the_names_that_other_programs_rely_on()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        node.Send(new NcFtpdMessage { Type = "LOGIN", User = "anna", Email = "", Host1 = "ftp.example.org", Host2 = "192.0.2.7" });
        await node.AppliedAsync(1);
        var (_, events, _) = await Program.RunAsync("", "events", "--format", "json", "--node", node.Url);
        Assert.Equal(EventNames, Parse(events).Single().EnumerateObject().Select(p => p.Name).Take(EventNames.Length));
        var (_, who, _) = await Program.RunAsync("", "who", "--format", "json", "--node", node.Url);
        var session = Parse(who).Single();
        Assert.Equal(SessionNames, session.EnumerateObject().Select(p => p.Name));
        Assert.Equal("anna", session.GetProperty("user").GetString());
        Assert.Equal("192.0.2.7", session.GetProperty("remote_host").GetString());
    }

    [Fact]
    public async Task A_follower_of_events_sees_each_one_once_while_they_happen()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        node.Send(new NcFtpdMessage { Type = "LOGIN", User = "before", Email = "", Host1 = "s", Host2 = "192.0.2.7" });
        await node.AppliedAsync(1);
        await using var follower = Program.Start("events", "--follow", "--format", "json", "--node", node.Url);
        await Until.TrueAsync("the follower is connected", () => follower.Output.Contains("before", StringComparison.Ordinal));
        for (var i = 0; i < 200; i++)
            node.Send(new NcFtpdMessage { Type = "DELETE", User = "anna", Email = "", Host1 = "s", Host2 = "192.0.2.7", Path = $"/{i}" });
        await Until.TrueAsync("all 200", () => Parse(follower.Output).Count(e => e.GetProperty("kind").GetString() == "delete") >= 200);
        Assert.Equal(Enumerable.Range(1, 201), Parse(follower.Output).Select(e => e.GetProperty("seq").GetInt32()).Where(seq => seq <= 201));
    }

    [Fact]
    public async Task What_cannot_be_decoded_is_quarantined_whole_and_can_be_looked_at_and_retried()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        SystemVQueue.OpenOrCreate(node.Key, 0x180).Send(1, "\u001b[31mrubbish"u8, default);
        await Until.TrueAsync("it is in quarantine", async () => (await node.ItemsAsync("/api/v1/quarantine")).Count == 1);

        var (_, list, _) = await Program.RunAsync("", "quarantine", "list", "--node", node.Url);
        Assert.Contains("queue", list, StringComparison.Ordinal);
        var (_, shown, _) = await Program.RunAsync("", "quarantine", "show", "1", "--node", node.Url);
        Assert.DoesNotContain("\u001b", list + shown, StringComparison.Ordinal);
        var (code, _, errors) = await Program.RunAsync("", "quarantine", "retry", "1", "--node", node.Url);
        Assert.Equal(1, code);
        Assert.Contains("STR", errors, StringComparison.Ordinal);
        Assert.Single(await node.ItemsAsync("/api/v1/quarantine"));
    }

    [Fact]
    public async Task A_restarted_server_ends_its_sessions_and_a_new_login_begins_a_new_one()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        var login = new NcFtpdMessage { Type = "LOGIN", User = "anna", Email = "", Host1 = "s", Host2 = "192.0.2.7" };
        node.Send(login);
        await node.AppliedAsync(1);
        var (code, _, errors) = await Program.RunAsync("", "restarted", "queue", "--node", node.Url);
        Assert.True(code == 0, errors);
        await Until.TrueAsync("the session has ended", async () => (await node.ItemsAsync("/api/v1/who")).Count == 0);
        node.Send(login);
        await Until.TrueAsync("a new session", async () => (await node.ItemsAsync("/api/v1/who")).Count == 1);
        var sessions = await node.ItemsAsync("/api/v1/sessions");
        Assert.Equal(["restart", null], sessions.Select(s => s.GetProperty("ended").GetString()));
        Assert.All(sessions, s => Assert.Equal("likely", s.GetProperty("certainty").GetString()));
    }

    [Fact]
    public async Task Decode_shows_the_doubts_as_flags()
    {
        var (code, output, _) = await Program.RunAsync("STR\n 99\nLOGIN\nanna\n\n\nsite\n192.0.2.7\n", "decode", "--kind", "ncftpd");
        Assert.Equal(0, code);
        var flags = JsonSerializer.Deserialize<JsonElement>(output).GetProperty("event").GetProperty("flags");
        Assert.Contains("length_mismatch", flags.EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task Without_a_node_a_command_says_so_in_one_line_and_ends_with_2()
    {
        var (code, output, errors) = await Program.RunAsync("", "who", "--node", "http://127.0.0.1:1");
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_benchmark_names_a_folder_that_it_cannot_use_in_one_line()
    {
        var (code, _, errors) = await Program.RunAsync("", "bench", "--folder", "/dev/null/here");
        Assert.Equal(2, code);
        Assert.Contains("/dev/null/here", Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static List<JsonElement> Parse(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonSerializer.Deserialize<JsonElement>(l))];

    // Columns of sysvipc(5): the sixth and seventh are the processes that sent and received last.
    private static bool HasQueueOf(int process) =>
        File.ReadLines("/proc/sysvipc/msg").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[5..7]).Any(p => p.Contains($"{process}"));
}
