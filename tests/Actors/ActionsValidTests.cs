using System.Diagnostics;
using System.Text;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

/// <summary>The look at an upload and the files beside it, with real files and programs.</summary>
public sealed class ActionsValidTests : IDisposable
{
    private readonly ExecRunner _exec = new(new ExecOptions { Grace = TimeSpan.FromMilliseconds(300) }, TimeProvider.System);
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-valid-").FullName;

    private string Upload => Path.Combine(_folder, "a.bin");

    public void Dispose()
    {
        _exec.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_whole_upload_is_valid_by_every_kind_of_digest_its_size_and_its_done_file()
    {
        var content = new byte[3_000_000];
        Random.Shared.NextBytes(content);
        await File.WriteAllBytesAsync(Upload, content);
        await File.WriteAllTextAsync(Path.Combine(_folder, "b.bin"), "another");
        // As those who upload make them.
        foreach (var command in (string[])["md5sum a.bin > a.bin.md5", "sha1sum \"$PWD/a.bin\" > a.bin.sha1", "sha256sum -b ./*.bin > SHA256SUMS", "sha512sum --tag a.bin > a.bin.sha512", "stat -c %s a.bin > a.bin.size"])
        {
            using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = _folder })!;
            await shell.WaitForExitAsync();
            Assert.Equal(0, shell.ExitCode);
        }
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.done"), "");
        var outcome = await Ask("""{ "md5": "{name}.md5", "sha1": "{name}.sha1", "sha256": "SHA256SUMS", "sha512": "{name}.sha512", "size": "{name}.size", "done": "{stem}.done" }""");
        Assert.True(outcome.Succeeded, outcome.Summary);
        Assert.Equal("valid: done, size, md5, sha1, sha256, sha512", outcome.Summary);

        // One byte less, as a client leaves it that stops.
        await File.WriteAllBytesAsync(Upload, content[..^1]);
        await Refused("""{ "sha512": "{name}.sha512" }""", "not valid: its sha512 is ");
        await Refused("""{ "size": "{name}.size" }""", "not valid: it has 2999999 bytes, a.bin.size says 3000000");
        await Refused("""{ "done": "{stem}.done" }""", "not valid: a.done is older than the upload");
    }

    [Fact]
    public async Task What_is_not_there_is_not_valid_and_may_come_yet()
    {
        await Refused("""{ "size": "{name}.size" }""", "is not there as a plain file");
        await File.WriteAllTextAsync(Upload, "x");
        await Refused("""{ "size": "{name}.size" }""", "not valid: there is no a.bin.size");
        await File.WriteAllTextAsync(Upload + ".size", "not a number");
        await Refused("""{ "size": "{name}.size" }""", "not valid: a.bin.size says no size of it");
        var elsewhere = await Ask("""{ "done": "DONE" }""", local: false);
        Assert.Contains("\"where\": \"on-host\"", elsewhere.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_and_pipes_of_strangers_are_neither_followed_nor_waited_for()
    {
        await File.WriteAllTextAsync(Upload, "x");
        File.CreateSymbolicLink(Upload + ".size", "/etc/passwd");
        await Refused("""{ "size": "{name}.size" }""", "not valid: there is no a.bin.size");
        using (var made = Process.Start("mkfifo", Upload + ".md5"))
            await made.WaitForExitAsync();
        await Refused("""{ "md5": "{name}.md5" }""", "not valid: there is no a.bin.md5");
    }

    [Fact]
    public async Task The_exit_code_of_a_program_decides_after_the_files()
    {
        await File.WriteAllTextAsync(Upload, "whole");
        var program = Path.Combine(_folder, "check");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho asked >> asked\ngrep -q whole -- \"$1\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var valid = $$$"""{ "size": "{name}.size", "exec": ["{{{program}}}", "{{path}}"], "cwd": "{{{_folder}}}" }""";
        await Refused(valid, "not valid: there is no a.bin.size");
        Assert.False(File.Exists(Path.Combine(_folder, "asked")));

        await File.WriteAllTextAsync(Upload + ".size", "5");
        Assert.True((await Ask(valid)).Succeeded);
        await File.WriteAllTextAsync(Upload, "WHOLE");
        await Refused(valid, $"not valid: {program} ended with exit code 1");
    }

    [Fact]
    public async Task A_hostile_name_is_one_argument_and_its_own_file()
    {
        var path = Path.Combine(_folder, "-rf $(touch pwned); \n'x'");
        await File.WriteAllTextAsync(path, "x");
        await File.WriteAllTextAsync(path + ".size", "1");
        var outcome = await Ask("""{ "size": "{name}.size", "exec": ["/usr/bin/test", "-f", "{{path}}"] }""", ReversibleText.FromBytes(Encoding.UTF8.GetBytes(path)));
        Assert.True(outcome.Succeeded, outcome.Summary);
        Assert.False(File.Exists(Path.Combine(_folder, "pwned")));
    }

    [Fact]
    public async Task A_program_that_runs_too_long_is_ended_and_one_that_cannot_be_run_is_no_answer()
    {
        await Refused("""{ "exec": ["/bin/sleep", "60"], "timeout": "1s" }""", "not valid: /bin/sleep was ended: it ran longer than 1 s");
        var unable = await Ask("""{ "exec": ["/no/such/program"] }""");
        Assert.True(unable is { Succeeded: false, Retryable: true, IsVerdict: false }, unable.Summary);
    }

    private async Task Refused(string valid, string summary)
    {
        var outcome = await Ask(valid);
        Assert.True(outcome.IsVerdict, outcome.Summary);
        Assert.Contains(summary, outcome.Summary, StringComparison.Ordinal);
    }

    private Task<ActionOutcome> Ask(string valid, string? path = null, bool local = true)
    {
        var (rules, problems) = RuleFile.Parse($$"""[ { "name": "r", "on": ["upload"], "valid": {{valid}}, "actions": [ { "file": "/x" } ] } ]""", "r");
        Assert.Empty(problems);
        return new ValidRunner(_exec).RunAsync(new ActionContext(rules!.Rules[0].Valid!, "r", "key-1", 1, ActionsFacts.Upload(path ?? Upload), local, null), CancellationToken.None);
    }
}
