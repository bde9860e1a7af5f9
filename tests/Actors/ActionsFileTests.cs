using System.Text.Json;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Tests;

public sealed class ActionsFileTests
{
    [Fact]
    public async Task Lines_are_whole_and_a_cut_one_does_not_spoil_the_next()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "{\"cut");
            using var runner = new FileRunner(TimeProvider.System);
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
                runner.RunAsync(new ActionContext(new FileAction(path), "rule", $"key-{i}", 1, ActionsFacts.Upload("/a\nb"), false, null), CancellationToken.None)));
            Assert.All(outcomes, o => Assert.True(o.Succeeded, o.Summary));
            var lines = await File.ReadAllLinesAsync(path);
            Assert.Equal(51, lines.Length);
            var keys = lines[1..].Select(l => JsonDocument.Parse(l).RootElement.GetProperty("delivery_key").GetString()).Distinct();
            Assert.Equal(50, keys.Count());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_line_that_another_node_of_the_host_is_writing_is_waited_for()
    {
        var path = Path.GetTempFileName();
        try
        {
            using var runner = new FileRunner(TimeProvider.System);
            Task<ActionOutcome> run;
            // .NET takes the same lock (flock) for a file that is not shared.
            using (var other = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
            {
                other.Write("{\"delivery_key\":"u8);
                run = runner.RunAsync(new ActionContext(new FileAction(path), "rule", "ours", 1, ActionsFacts.Upload("/a"), false, null), CancellationToken.None);
                Assert.True(SpinWait.SpinUntil(() => run.IsCompleted || TimesOpen(path) == 2, TimeSpan.FromSeconds(20)));
                other.Write("\"theirs\"}\n"u8);
            }
            Assert.True((await run).Succeeded, (await run).Summary);
            var lines = await File.ReadAllLinesAsync(path);
            Assert.Equal(["theirs", "ours"], lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("delivery_key").GetString()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_tried_again()
    {
        using var runner = new FileRunner(TimeProvider.System);
        var full = await runner.RunAsync(new ActionContext(new FileAction("/dev/full"), "rule", "key", 1, ActionsFacts.Upload("/a"), false, null), CancellationToken.None);
        Assert.True(full is { Succeeded: false, Retryable: true });
        Assert.Contains("No space left", full.Summary, StringComparison.Ordinal);
    }

    private static int TimesOpen(string path) => Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget == path);
}
