using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using FtpActors.Ingest.PureFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The role authd with the real Pure-FTPd, one host.</summary>
public sealed class AuthdTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly PureFtpdServer _server;

    public AuthdTests() => _server = new PureFtpdServer(extauth: Socket);

    private string Socket => _folder["auth.sock"];

    private ScoreboardFolder Scoreboard => new(_server.Scoreboard);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_login_passes_to_the_next_method_a_full_one_is_refused_and_a_logout_makes_room()
    {
        await using var node = await StartAsync("""{ "user": "al*", "max": 2 }""");
        await using var first = await LoginAsync("a");
        await using var second = await LoginAsync("b");
        await ConfirmedAsync(node, 2);

        Assert.Equal(HeldLogin.Refused, await PureFtpdServer.CurlAsync(_server.Url("")));

        Assert.Equal(0, await first.LeaveAsync());
        await ConfirmedAsync(node, 1);
        Assert.Equal(0, await PureFtpdServer.CurlAsync(_server.Url("")));
        var (code, text, _) = await Program.RunAsync("", "authd", "status", "--node", node.Url);
        Assert.Equal(0, code);
        Assert.Contains("alice", text, StringComparison.Ordinal);
        Assert.Contains("1 full", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_takes_a_slot_for_its_lease_only()
    {
        await using var node = await StartAsync("""{ "user": "*", "max": 1 }""");
        Assert.Equal(HeldLogin.Refused, await PureFtpdServer.CurlAsync(_server.Url("", "alice:wrong")));

        await Until.TrueAsync("the reservation expires", async () => (await SlotsAsync(node)).Count == 0);
        await using var login = await LoginAsync("a");
        await ConfirmedAsync(node, 1);
    }

    [Fact]
    public async Task A_slot_comes_back_when_its_session_is_killed()
    {
        await using var node = await StartAsync("""{ "user": "*", "max": 1 }""");
        await using var login = await LoginAsync("a");
        await ConfirmedAsync(node, 1);

        using (var session = Process.GetProcessById(Scoreboard.Read().Sessions.Single().Pid))
            session.Kill();

        await Until.TrueAsync("the slot is free", async () => (await SlotsAsync(node)).Count == 0);
        await using var next = await LoginAsync("b");
        await ConfirmedAsync(node, 1);
    }

    [Fact]
    public async Task A_node_that_was_killed_finds_its_sessions_again_and_counts_each_once()
    {
        await using var node = await StartAsync("""{ "user": "*", "max": 2 }""");
        await using var first = await LoginAsync("a");
        await ConfirmedAsync(node, 1);
        var before = Assert.Single(await SlotsAsync(node));

        await node.Process!.KillAsync();
        // While nobody answers, the server goes on with its next method after ten seconds.
        await using var second = await LoginAsync("b");
        Assert.True(File.Exists(Socket));
        await node.StartAsync();

        await ConfirmedAsync(node, 2);
        Assert.Contains(Text(before, "session"), (await SlotsAsync(node)).Select(s => Text(s, "session")));
        Assert.Equal(HeldLogin.Refused, await PureFtpdServer.CurlAsync(_server.Url("")));
        Assert.Equal(0, await first.LeaveAsync());
        Assert.Equal(0, await second.LeaveAsync());
        await Until.TrueAsync("all slots are free", async () => (await SlotsAsync(node)).Count == 0);
        Assert.Equal(0, await node.StopAsync());
        Assert.False(File.Exists(Socket));
    }

    [Fact]
    public async Task The_own_check_decides_and_a_password_is_found_nowhere()
    {
        const string secret = "Xy7-q0-zorro-plover";
        var check = _folder["check"];
        var running = _folder["running"];
        await File.WriteAllTextAsync(check, $$"""
            #!/bin/sh
            : >{{running}}
            while [ ! -e {{_folder["go"]}} ]; do sleep 0.05; done
            echo "tried $AUTHD_PASSWORD" >&2
            echo "password:$AUTHD_PASSWORD"
            [ "$(printf %s "$AUTHD_PASSWORD" | od -An -tx1 | tr -d ' \n')" = {{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(secret))}} ] || { printf 'auth_ok:-1\nend\n'; exit; }
            printf 'auth_ok:1\nuid:1900\ngid:1900\ndir:{{_server.Home}}\nend\n'
            """);
        File.SetUnixFileMode(check, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var node = await StartAsync("""{ "user": "*", "max": 5 }""", $$""" "check": { "exec": ["{{check}}"], "timeout": "60s" }, """, level: "trace");

        var login = PureFtpdServer.CurlAsync(_server.Url("", $"stranger:{secret}"));
        await Until.TrueAsync("the check runs", () => File.Exists(running));
        // Of this test itself curl's own is the only one; it writes over it at its start.
        Assert.DoesNotContain(Processes(), p => p.Command.Contains(secret, StringComparison.Ordinal) && p.Name != "curl");
        await File.WriteAllTextAsync(_folder["go"], "");
        Assert.Equal(0, await login);
        Assert.Equal(HeldLogin.Refused, await PureFtpdServer.CurlAsync(_server.Url("", $"stranger:{secret}no")));

        var answers = (await node.GetAsync("/api/v1/authd")).GetProperty("answers");
        Assert.Equal((1, 1), (answers.GetProperty("check_accepted").GetInt64(), answers.GetProperty("check_refused").GetInt64()));
        Assert.Contains("stranger", node.Process!.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await node.StopAsync());
        Assert.DoesNotContain(secret, node.Process.Errors + node.Process.Output, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(node.Data, "*", SearchOption.AllDirectories))
            Assert.True((await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)) < 0, file);
    }

    private async Task<TestNode> StartAsync(string limits, string more = "", string level = "debug")
    {
        var node = new TestNode(
            roles: "\"ingest\", \"handler\", \"authd\"", level: level,
            more: $$"""
                "authd": { "socket": "{{Socket}}", "scoreboard": "{{_server.Scoreboard}}", "lease": "3s", "answer": "5s", "fail": "closed", {{more}} "limits": [ {{limits}} ] },
                """);
        await node.StartAsync();
        _server.Start();
        await Until.TrueAsync("the server listens", _server.IsListeningAsync);
        return node;
    }

    private async Task<HeldLogin> LoginAsync(string file)
    {
        var before = Scoreboard.Read().Sessions.Count(s => s.IsLoggedIn);
        var login = new HeldLogin(_server.Url(file));
        await Until.TrueAsync("the login is there", () =>
        {
            Assert.False(login.HasEnded, login.HasEnded ? login.Errors.Result : "");
            return Scoreboard.Read().Sessions.Count(s => s.IsLoggedIn) > before;
        });
        return login;
    }

    private static Task ConfirmedAsync(TestNode node, int sessions) => Until.TrueAsync($"{sessions} sessions have slots, and nothing else has", async () =>
    {
        var slots = await SlotsAsync(node);
        return slots.Count == sessions && slots.All(s => Text(s, "session") is not null);
    });

    private static Task<List<JsonElement>> SlotsAsync(TestNode node) => node.ItemsAsync("/api/v1/authd/slots?user=ALICE");

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static List<(string Name, string Command)> Processes()
    {
        var all = new List<(string, string)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                all.Add((File.ReadAllText($"{folder}/comm").Trim(), File.ReadAllText($"{folder}/cmdline")));
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }
        return all;
    }
}
