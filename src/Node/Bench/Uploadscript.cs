using System.Diagnostics;
using System.Globalization;

namespace FtpActors.Node.Bench;

/// <summary>
/// Pure-FTPd's own pure-uploadscript on the same machine: records in its pipe, a program for each. Its paths are compiled in, so it runs in a mount
/// namespace with a /run of its own; that takes root.
/// </summary>
internal sealed class Uploadscript : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private readonly Process _process;
    private readonly FileStream _pipe;

    private Uploadscript(Process process, FileStream pipe) => (_process, _pipe) = (process, pipe);

    /// <summary>Why it cannot be measured here, null when it can.</summary>
    public static string? WhyNot(string program) =>
        !File.Exists(program) ? $"{program} is not there (Debian: pure-ftpd-common; --uploadscript names another path)"
        : !Environment.IsPrivilegedProcess ? "it takes root"
        : null;

    /// <summary>Starts it with the program that it is to run for each upload.</summary>
    public static async Task<Uploadscript> StartAsync(string program, string folder, string hook, CancellationToken cancel)
    {
        var run = Directory.CreateDirectory(Path.Combine(folder, "run")).FullName;
        var fifo = Path.Combine(run, "pure-ftpd.upload.pipe");
        using (var mkfifo = Process.Start("mkfifo", ["-m", "600", fifo]))
            await mkfifo.WaitForExitAsync(cancel);
        const string script = """mount --bind "$1" /run && exec "$2" -r "$3" -p /run/uploadscript.pid""";
        var process = Process.Start("unshare", ["-m", "--propagation", "private", "sh", "-c", script, "sh", run, program, hook]);
        // Returns when the other end is open for reading.
        var pipe = await Task.Run(() => UploadFiles.Open(fifo), cancel).WaitAsync(Limit, cancel);
        return new Uploadscript(process, pipe);
    }

    public FileStream Pipe => _pipe;

    /// <summary>Records per second, from the first record written to the end of the last program.</summary>
    public async Task<double> ThroughputAsync(UploadFiles files, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        await Task.Run(() => WriteAll(files), cancel).WaitAsync(Limit, cancel);
        while (!IsDone())
        {
            if (Stopwatch.GetElapsedTime(started) > Limit)
                throw new InvalidOperationException($"pure-uploadscript did not come to its end within {Limit.TotalSeconds:0} s.");
            await Task.Delay(1, cancel);
        }
        return files.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _pipe.DisposeAsync();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void WriteAll(UploadFiles files)
    {
        for (var i = 0; i < files.Count; i++)
            files.Write(_pipe, i);
    }

    // It works strictly one after the other: done when it sleeps in a read of the empty pipe. While a program runs it sleeps in a wait instead.
    private bool IsDone() => File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/wchan"))
        .Contains("pipe_read", StringComparison.Ordinal);
}
