using System.Diagnostics;
using System.Globalization;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>Systemd's journald, with a <c>/run</c> and a <c>/var/log</c> of its own, as root. It keeps a file for each user, as on a machine that systemd has started.</summary>
internal sealed class Journald : IAsyncDisposable
{
    private const string Begin =
        """
        set -e
        mount --bind "$1/run" /run
        mount --bind "$1/log" /var/log
        mount --bind "$1/journald.conf" /etc/systemd/journald.conf
        exec /lib/systemd/systemd-journald
        """;

    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    public Journald()
    {
        foreach (var folder in (string[])["run/systemd/journal", "log/journal"])
            Directory.CreateDirectory(_folder[folder]);
        // Where this is missing it waits for the disk to be mounted.
        File.WriteAllText(_folder["run/systemd/journal/flushed"], "");
        File.WriteAllText(_folder["journald.conf"], "[Journal]\nStorage=persistent\nRateLimitIntervalSec=0\n");
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
    }

    /// <summary>Where its files are.</summary>
    public string Folder => _folder["log/journal"];

    /// <summary>What <c>/dev/log</c> leads to.</summary>
    public string Socket => _folder["run/systemd/journal/dev-log"];

    public IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.journal", SearchOption.AllDirectories).Select(f => Path.GetFileName(f));

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("unshare", ["-m", "--propagation", "private", "sh", "-c", Begin, "sh", _folder.Path]))!;
        await Until.TrueAsync("journald listens", () =>
        {
            Assert.False(_process.HasExited, "systemd-journald ended; this test needs root and systemd.");
            return File.Exists(Socket) && Files.Any();
        });
    }

    /// <summary>As its limits of size and age have it do.</summary>
    public async Task RotateAsync()
    {
        var old = Files.ToHashSet();
        Assert.Equal(0, await SftpServer.ExecuteAsync("kill", "", "-USR2", _process!.Id.ToString(CultureInfo.InvariantCulture)));
        await Until.TrueAsync("the journal is rotated", () => !old.IsSupersetOf(Files));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        _folder.Dispose();
    }
}
