using System.Diagnostics;
using System.Text;
using FtpActors.Actors.Logins;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Actors.Tests;

/// <summary>The own check with real programs.</summary>
public sealed class LoginCheckTests
{
    [Fact]
    public async Task The_program_finds_the_login_in_its_environment_byte_by_byte_and_what_is_empty_is_not_set()
    {
        using var script = new Script("""
            env | grep ^AUTHD_ | LC_ALL=C sort | tr '\n' '|' >"$0.env"
            printf 'noise\nauth_ok:1\nuid:7\ngid:8\ndir:/srv\nend\n'
            """);
        var (reply, trouble) = await RunAsync(script, Logins.Request("\u00ff ann", password: "p:w \u00e9 $(id)"));

        Assert.Null(trouble);
        Assert.Equal("auth_ok:1\nuid:7\ngid:8\ndir:/srv\nend\n"u8, reply!.Encode());
        Assert.Equal(
            "AUTHD_ACCOUNT=\u00ff ann|AUTHD_ENCRYPTED=0|AUTHD_LOCAL_IP=127.0.0.1|AUTHD_LOCAL_PORT=2421|AUTHD_PASSWORD=p:w \u00e9 $(id)|AUTHD_REMOTE_IP=192.0.2.7|",
            await File.ReadAllTextAsync(script.Path + ".env", Encoding.Latin1));
    }

    [Theory]
    [InlineData("echo s3cret >&2; echo auth_ok:s3cret", "auth_ok")]
    [InlineData("kill -9 $$", "signal 9")]
    [InlineData("sleep 100", "longer than 0.3 s")]
    [InlineData("yes $AUTHD_PASSWORD", "longer than 0.3 s")]
    [InlineData("yes $AUTHD_PASSWORD | head -c 100000", "4095")]
    public async Task A_program_without_a_usable_reply_is_told_of_without_its_words(string body, string told)
    {
        using var script = new Script(body);
        var started = Stopwatch.GetTimestamp();
        var seconds = told.Contains("0.3", StringComparison.Ordinal) ? 0.3 : 30;

        var (reply, trouble) = await RunAsync(script, Logins.Request("ann", password: "s3cret"), seconds);

        Assert.Null(reply);
        Assert.Contains(told, trouble, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", trouble, StringComparison.Ordinal);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_program_that_is_missing_is_named_and_one_that_says_nothing_passes_on()
    {
        using var silent = new Script("exit 1");
        Assert.Equal(AuthVerdict.PassOn, (await RunAsync(silent, Logins.Request("ann"))).Reply!.Verdict);

        using var check = new LoginCheck(["/nowhere/check"], TimeSpan.FromSeconds(30), TimeProvider.System);
        var (reply, trouble) = await check.RunAsync(Logins.Request("ann"), default);
        Assert.Null(reply);
        Assert.Contains("/nowhere/check", trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_of_the_node_ends_the_program()
    {
        using var script = new Script("sleep 1000");
        using var check = new LoginCheck([script.Path], TimeSpan.FromMinutes(10), TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var run = check.RunAsync(Logins.Request("ann"), stop.Token);

        await stop.CancelAsync();

        Assert.Contains("stops", (await run.WaitAsync(TimeSpan.FromSeconds(30))).Trouble, StringComparison.Ordinal);
    }

    private static async Task<(AuthReply? Reply, string? Trouble)> RunAsync(Script script, AuthRequest request, double seconds = 30)
    {
        using var check = new LoginCheck([script.Path], TimeSpan.FromSeconds(seconds), TimeProvider.System);
        return await check.RunAsync(request, default);
    }
}
