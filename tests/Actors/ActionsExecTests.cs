using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

public sealed class ActionsExecTests : IDisposable
{
    private readonly ExecRunner _runner = new(new ExecOptions { Grace = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-exec-").FullName;

    public void Dispose()
    {
        _runner.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<byte[]> HostileNames =>
    [
        "/in/two words 'and' \"quotes\".txt"u8.ToArray(),
        "/in/line\nbreak\r\t\u001b[31m"u8.ToArray(),
        "/in/$(touch /tmp/owned) `id` ; rm -rf / | & > < * ? ~ !"u8.ToArray(),
        "-rf --help"u8.ToArray(),
        "/in/{{path}} \\x41 \\\\ \\"u8.ToArray(),
        (byte[])[(byte)'/', 0xFF, 0xFE, 0xC3, 0x28, 0xED, 0xA0, 0x80, 0x01, 0x7F],
        (byte[])[(byte)'/', .. Enumerable.Repeat((byte)0xE9, 3999)],
    ];

    [Theory]
    [MemberData(nameof(HostileNames))]
    public async Task The_command_gets_the_exact_bytes_as_one_argument(byte[] name)
    {
        var outcome = await Run(Action("/usr/bin/printf", [@"%s|\000", "{{path}}", @"own \x41 {{path}}\"]), Upload(name));
        Assert.True(outcome.Succeeded, outcome.Summary);
        byte[] expected = [.. name, (byte)'|', 0, .. @"own \x41 "u8, .. name, .. @"\|"u8, 0];
        Assert.Equal(expected, ReversibleText.ToBytes(outcome.FirstOutput + outcome.LastOutput));
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    public async Task The_environment_has_the_exact_bytes(byte[] name)
    {
        var outcome = await Run(Action("/usr/bin/printenv", ["-0", "FTP_PATH", "MINE"], ("MINE", "<{{path}}>")), Upload(name));
        byte[] expected = [.. name, 0, (byte)'<', .. name, (byte)'>', 0];
        Assert.Equal(expected, ReversibleText.ToBytes(outcome.FirstOutput + outcome.LastOutput));
    }

    [Fact]
    public async Task An_existing_pure_uploadscript_hook_runs_unchanged()
    {
        var file = Path.Combine(_folder, "up load.bin");
        await File.WriteAllBytesAsync(file, new byte[1234]);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var hook = Script("hook.sh", """
            #!/bin/sh
            echo "$#|$1|$UPLOAD_SIZE|$UPLOAD_PERMS|$UPLOAD_UID|$UPLOAD_GID|$UPLOAD_USER|$UPLOAD_GROUP|$UPLOAD_VUSER|$(pwd)|$(readlink /proc/self/fd/0)"
            """);
        var stat = (await Run(Action("/usr/bin/stat", ["-c", "%u|%g|%U|%G", "{{path}}"]), Upload(file))).FirstOutput.TrimEnd();
        var outcome = await Run(Action(hook, ["{{path}}"]), Upload(file), local: true);
        Assert.Equal($"1|{file}|1234|640|{stat}|bob|/|/dev/null\n", outcome.FirstOutput);

        var gone = await Run(Action(hook, ["{{path}}"]), Upload(file + ".gone"), local: true);
        Assert.Equal($"1|{file}.gone|||||||bob|/|/dev/null\n", gone.FirstOutput);
    }

    [Fact]
    public async Task A_timeout_ends_the_whole_group_also_what_ignores_SIGTERM()
    {
        var pids = Path.Combine(_folder, "pids");
        var script = Script("slow.sh", $"""
            #!/bin/sh
            trap '' TERM
            sh -c 'trap "" TERM; echo $$ >> {pids}; while :; do sleep 60; done' &
            echo $$ >> {pids}
            while :; do sleep 60; done
            """);
        var outcome = await Run(Action(script, [], timeout: TimeSpan.FromSeconds(1)), Upload("/x"));
        Assert.False(outcome.Succeeded);
        Assert.True(outcome.Retryable);
        Assert.Contains("longer than 1 s", outcome.Summary, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(pids);
        Assert.Equal(2, lines.Length);
        foreach (var pid in lines)
            await Until(() => !File.Exists($"/proc/{pid}/stat") || File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal), $"process {pid} lives on");
    }

    [Fact]
    public async Task A_cancelled_command_is_ended_and_says_so()
    {
        using var cancel = new CancellationTokenSource();
        var started = Path.Combine(_folder, "started");
        var running = Run(Action(Script("wait.sh", $"#!/bin/sh\necho $$ > {started}.tmp; mv {started}.tmp {started}; exec sleep 60"), []), Upload("/x"), cancel: cancel.Token);
        await Until(() => File.Exists(started), "the command did not start");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_pipe_open_does_not_hold_us()
    {
        var pid = Path.Combine(_folder, "pid");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var outcome = await Run(Action(Script("daemon.sh", $"#!/bin/sh\necho begun; sleep 30 & echo $! > {pid}; exit 3"), []), Upload("/x"));
        Assert.Equal((3, "begun\n"), (outcome.Code, outcome.FirstOutput));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
        using var left = System.Diagnostics.Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(pid), System.Globalization.CultureInfo.InvariantCulture));
        left.Kill();
    }

    [Fact]
    public async Task Of_much_output_the_first_and_last_4_KiB_are_kept()
    {
        var outcome = await Run(Action("/usr/bin/seq", ["1", "200000"]), Upload("/x"));
        Assert.True(outcome.Succeeded, outcome.Summary);
        Assert.StartsWith("1\n2\n3\n", outcome.FirstOutput, StringComparison.Ordinal);
        Assert.EndsWith("199999\n200000\n", outcome.LastOutput, StringComparison.Ordinal);
        Assert.Equal((4096, 4096), (outcome.FirstOutput.Length, outcome.LastOutput.Length));
        Assert.Contains("1288895 bytes", outcome.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void The_ends_of_any_output_are_right_however_it_is_cut()
    {
        Prop.ForAll(Gen.Choose(0, 6000).ListOf().Where(l => l.Count < 8).ToArbitrary(), lengths =>
        {
            var all = Enumerable.Range(0, lengths.Sum()).Select(i => (byte)('a' + i * 7 % 26)).ToArray();
            var ends = new OutputEnds();
            var at = 0;
            foreach (var length in lengths)
                {
                ends.Add(all.AsSpan(at, length));
                at += length;
            }
            var text = Encoding.ASCII.GetString(all);
            var rest = text[Math.Min(4096, text.Length)..];
            return ends.First == text[..Math.Min(4096, text.Length)] && ends.Last == rest[Math.Max(0, rest.Length - 4096)..] && ends.Total == all.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("/no/such/program", "no such program")]
    [InlineData("/etc/passwd", "not executable")]
    public async Task A_program_that_cannot_be_started_is_a_clear_outcome(string program, string reason)
    {
        var outcome = await Run(Action(program, []), Upload("/x"));
        Assert.False(outcome.Succeeded);
        Assert.True(outcome.Retryable);
        Assert.Contains(reason, outcome.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_NUL_and_an_argument_beyond_the_limit_are_refused_for_good()
    {
        var nul = await Run(Action("/bin/true", ["{{path}}"]), Upload([(byte)'/', 0]));
        Assert.Contains("NUL", nul.Summary, StringComparison.Ordinal);
        var large = await Run(Action("/bin/true", [new string('x', 200_000)]), Upload("/x"));
        Assert.Contains("longer than the system allows", large.Summary, StringComparison.Ordinal);
        Assert.False(nul.Retryable || large.Retryable);
    }

    [Fact]
    public async Task A_signal_is_told_and_another_user_is_that_user()
    {
        var killed = await Run(Action(Script("kill.sh", "#!/bin/sh\nkill -9 $$"), []), Upload("/x"));
        Assert.Equal(137, killed.Code);
        Assert.Contains("signal 9", killed.Summary, StringComparison.Ordinal);

        var action = Action("/usr/bin/id", []) with { User = "nobody" };
        var outcome = await Run(action, Upload("/x"));
        if (Environment.UserName == "root")
            Assert.Contains("(nobody)", outcome.FirstOutput, StringComparison.Ordinal);
        else
            Assert.Contains("only root", outcome.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_of_a_session_come_in_a_list_that_is_gone_afterwards()
    {
        var session = new SessionRecord { Id = "a-1", Key = new SessionKey("h", "s", "bob", "r", ""), OpenedAt = DateTimeOffset.UnixEpoch, Began = SessionBegan.Login, User = "bob" };
        var files = new[] { "/a\nb", @"/\xFF" }.Select(p => new SessionFile(EventKind.Upload, p, 1, EventStatus.Ok, DateTimeOffset.UnixEpoch)).ToList();
        var facts = Facts.OfSession(session, SessionTrigger.End, files);
        var outcome = await Run(Action(Script("list.sh", "#!/bin/sh\ncat \"$FTP_FILES\"; echo \"$FTP_FILES\" >&2"), []), facts);
        var text = outcome.FirstOutput.Split(@"\x00");
        Assert.Equal(["/a\nb", @"/\xFF"], text[..2]);
        Assert.False(File.Exists(text[2].Trim()));
    }

    [Fact]
    public async Task Hundreds_of_commands_at_once_each_give_their_own_outcome_and_leave_no_descriptor()
    {
        await Run(Action("/bin/true", []), Upload("/x"));
        var before = Directory.GetFiles("/proc/self/fd").Length;
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Run(Action("/bin/sh", ["-c", $"echo {i}; exit {i % 100}"]), Upload("/x"))));
        Assert.All(outcomes, (o, i) => Assert.Equal((i % 100, $"{i}\n"), (o.Code, o.FirstOutput)));
        await Until(() => Directory.GetFiles("/proc/self/fd").Length <= before + 20, "descriptors are left");
    }

    private static async Task Until(Func<bool> holds, string otherwise)
    {
        for (var i = 0; i < 1000 && !holds(); i++)
            await Task.Delay(10);
        Assert.True(holds(), otherwise);
    }

    private string Script(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static ExecAction Action(string program, string[] arguments, (string, string)? variable = null, TimeSpan? timeout = null) => new(
        program, [.. arguments.Select(a => Template.Compile(a))],
        variable is { } v ? new Dictionary<string, Template> { [v.Item1] = Template.Compile(v.Item2) } : new Dictionary<string, Template>(),
        "/", null, null, timeout ?? TimeSpan.FromMinutes(1));

    private static Facts Upload(string path) => Upload(Encoding.UTF8.GetBytes(path));

    private static Facts Upload(byte[] path) => ActionsFacts.Upload(ReversibleText.FromBytes(path));

    private Task<ActionOutcome> Run(ExecAction action, Facts facts, bool local = false, CancellationToken cancel = default) =>
        _runner.RunAsync(new ActionContext(action, "rule", "key-1", 1, facts, local, null), cancel);
}
