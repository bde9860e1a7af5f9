using System.Diagnostics;
using System.Globalization;

namespace FtpActors.Node.Bench;

/// <summary>Another watcher of the same machine: Debian's incron, or a loop of python3-pyinotify. It runs a program for each closed file, or counts them.</summary>
internal sealed class PeerWatcher : IAsyncDisposable
{
    private const string Incrond = "/usr/sbin/incrond";

    private const string Loop =
        """
        import subprocess, sys, pyinotify
        folder, hook, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
        seen = 0
        class Closed(pyinotify.ProcessEvent):
            def process_IN_CLOSE_WRITE(self, event):
                global seen
                seen += 1
                if hook: subprocess.call([hook])
                if seen == count: print("all", flush=True)
        manager = pyinotify.WatchManager()
        manager.add_watch(folder, pyinotify.IN_CLOSE_WRITE)
        notifier = pyinotify.Notifier(manager, Closed())
        print("ready", flush=True)
        notifier.loop()
        """;

    private readonly Process _process;

    private PeerWatcher(Process process, string watched) => (_process, Watched) = (process, watched);

    public string Watched { get; }

    /// <summary>Why incron cannot be measured here, null when it can.</summary>
    public static string? WhyNoIncron => !File.Exists(Incrond) ? $"{Incrond} is not there (Debian: incron)" : Environment.IsPrivilegedProcess ? null : "an incrond of our own takes root";

    /// <summary>Why pyinotify cannot be measured here, null when it can.</summary>
    public static string? WhyNoPyinotify => File.Exists("/usr/lib/python3/dist-packages/pyinotify.py") ? null : "it is not there (Debian: python3-pyinotify)";

    /// <summary>Starts incrond with a program for each file.</summary>
    public static async Task<PeerWatcher> IncronAsync(string folder, string hook, CancellationToken cancel)
    {
        string Make(string name) => Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        var (watched, tables) = (Make("watched"), Make("tables"));
        var config = Path.Combine(folder, "incron.conf");
        await File.WriteAllTextAsync(config, $"system_table_dir = {tables}\nuser_table_dir = {Make("users")}\nlockfile_dir = {folder}\nlockfile_name = incrond\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(tables, "bench"), $"{watched} IN_CLOSE_WRITE {hook}\n", cancel);
        using var warm = new StartWatch(hook);
        var process = Process.Start(new ProcessStartInfo(Incrond, ["-n", "-f", config]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var peer = new PeerWatcher(process, watched);
        // It says nothing when it is ready: it is when it has run the program for a file.
        for (var i = 0; i < 30; i++)
        {
            await File.WriteAllBytesAsync(string.Create(CultureInfo.InvariantCulture, $"{watched}/warm{i}"), [], cancel);
            if (await warm.StartsAsync(1, cancel) is not null)
                return peer;
        }
        await peer.DisposeAsync();
        throw new InvalidOperationException("incrond runs but saw no file.");
    }

    /// <summary>Starts the loop; without a program it counts so many files.</summary>
    public static async Task<PeerWatcher> PyinotifyAsync(string folder, string hook, int count, CancellationToken cancel)
    {
        var watched = Directory.CreateDirectory(Path.Combine(folder, "watched")).FullName;
        var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Loop, watched, hook, count.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true })!;
        var peer = new PeerWatcher(process, watched);
        if (await process.StandardOutput.ReadLineAsync(cancel) is not null)
            return peer;
        await peer.DisposeAsync();
        throw new InvalidOperationException("The loop of pyinotify ended at its start.");
    }

    /// <summary>Waits until the loop has counted all.</summary>
    public async Task AllAsync(CancellationToken cancel) => await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(120), cancel);

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
