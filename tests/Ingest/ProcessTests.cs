using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace FtpActors.Ingest.Tests;

/// <summary>What only a process of its own can show: kill -9, and another user.</summary>
[SupportedOSPlatform("linux")]
public sealed class ProcessTests
{
    [Fact]
    public async Task Kills_at_random_moments_lose_nothing_and_store_nothing_twice()
    {
        using var q = new TestQueue();
        var path = Path.Combine(q.Folder, "spool");
        const int messages = 20_000;
        // Runs of equal messages, so that marks alone could not tell what was removed.
        var texts = Enumerable.Range(0, messages).Select(i => $"m{i / 50}").ToArray();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(180));
        var queue = q.Open();
        var sender = Task.Run(async () =>
        {
            for (var i = 0; i < messages; i++)
            {
                queue.Send(1, Encoding.ASCII.GetBytes(texts[i]), stop.Token);
                // Paced, so that one life of the reader cannot do all the work before it is killed.
                if (i % 20 == 0)
                    await Task.Delay(1, stop.Token);
            }
        });
        var random = new Random(4711);
        var kills = 0;
        while (FileSpool.Texts(path).Count < messages && !stop.IsCancellationRequested)
        {
            using var reader = Start(q, "0");
            var before = FileSpool.Texts(path).Count;
            var most = before + random.Next(1, 1500);
            // Killed while it works: some time after it has stored what this life may store.
            await Eventually.True(
                () => FileSpool.Texts(path).Count >= Math.Min(most, messages) || reader.HasExited, () => $"stored {FileSpool.Texts(path).Count}");
            if (FileSpool.Texts(path).Count < messages)
                kills++;
            reader.Kill();
            await reader.WaitForExitAsync();
        }
        await sender;
        Assert.Equal(texts, FileSpool.Texts(path));
        Assert.True(kills >= 3, $"only {kills} kills in the middle of the work");
    }

    [Fact]
    public async Task A_queue_of_another_user_is_waited_for_and_read_once_it_is_permitted()
    {
        using var q = new TestQueue();
        // As root: a reader that is nobody, at a queue of root. Else: a queue that denies even its owner.
        var root = Environment.UserName == "root";
        var queue = Linux.SystemVQueue.OpenOrCreate(q.Key, root ? 0b110_000_000 : 0);
        if (root)
            File.SetUnixFileMode(q.Folder, (UnixFileMode)0x1FF);
        using var reader = Start(q, root ? "65534" : "0");
        var line = await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
        while (line is not null && !line.Contains("State = waiting", StringComparison.Ordinal))
            line = await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.NotNull(line);
        Assert.Contains($"No permission for queue {q.Key}", line, StringComparison.Ordinal);
        Assert.Contains(root ? "uid 0 with mode 0600" : "with mode 0000", line, StringComparison.Ordinal);
        // The owner gives way by making it anew, as an operator would.
        queue.Remove();
        line = await reader.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Contains("State = reading", line, StringComparison.Ordinal);
        reader.StandardInput.Close();
        await reader.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, reader.ExitCode);
    }

    private static Process Start(TestQueue q, string uid)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
            ArgumentList = { typeof(ProcessTests).Assembly.Location, string.Create(CultureInfo.InvariantCulture, $"{q.Key}"), q.Folder, uid },
        };
        return Process.Start(start)!;
    }
}
