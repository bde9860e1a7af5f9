using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>
/// Debian's OpenSSH with the users alice and bob, as root. It runs with accounts and a <c>/dev</c> of its own: <c>/dev/log</c> leads to <see cref="Log"/>, and nothing of the machine changes.
/// </summary>
internal sealed class SftpServer : IAsyncDisposable
{
    private const string Start =
        """
        set -e
        dev=$1/dev
        for f in passwd group shadow; do mount --bind "$1/$f" /etc/$f; done
        mount -t tmpfs tmpfs "$dev"
        for d in null zero full random urandom tty; do touch "$dev/$d"; mount --bind /dev/$d "$dev/$d"; done
        mkdir "$dev/pts" "$dev/shm"
        mount --bind /dev/pts "$dev/pts"
        ln -s pts/ptmx "$dev/ptmx"
        ln -s /proc/self/fd "$dev/fd"
        ln -s "$2" "$dev/log"
        mount --rbind "$dev" /dev
        exec /usr/sbin/sshd -D -f "$1/sshd_config"
        """;

    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    /// <param name="level">What sshd and sftp log.</param>
    /// <param name="more">More of sshd_config.</param>
    public SftpServer(string level = "VERBOSE", string more = "")
    {
        Port = FreePort.Take();
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        foreach (var folder in (string[])["dev", "log", "in/alice", "in/bob"])
            Directory.CreateDirectory(_folder[folder]);
        Directory.CreateDirectory("/run/sshd");
        Run("chown", "1901:1901", _folder["in/alice"]);
        Run("chown", "1902:1902", _folder["in/bob"]);
        File.WriteAllText(_folder["passwd"], File.ReadAllText("/etc/passwd") + $"alice:x:1901:1901::{_folder["in/alice"]}:/bin/sh\nbob:x:1902:1902::{_folder["in/bob"]}:/bin/sh\n");
        File.WriteAllText(_folder["group"], File.ReadAllText("/etc/group") + "alice:x:1901:\nbob:x:1902:\n");
        File.WriteAllText(_folder["shadow"], File.ReadAllText("/etc/shadow") + "alice:*:19000::::::\nbob:*:19000::::::\n");
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _folder["host"]);
        Run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Key);
        File.WriteAllText(_folder["sshd_config"], string.Create(CultureInfo.InvariantCulture, $"""
            ListenAddress 127.0.0.1
            Port {Port}
            HostKey {_folder["host"]}
            AuthorizedKeysFile {Key}.pub
            StrictModes no
            UsePAM no
            PidFile none
            LogLevel {level}
            MaxStartups 100
            Subsystem sftp internal-sftp -l {level}
            {more}
            """));
    }

    public int Port { get; }
    public string Root => _folder["in"];
    public string Home => _folder["in/alice"];
    public string Folder => _folder.Path;
    /// <summary>The socket that it logs to.</summary>
    public string Log => _folder["log/socket"];
    public string Key => _folder["key"];

    public string[] Options => ["-q", "-i", Key, "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-F", "none"];

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("unshare", ["-m", "--propagation", "private", "sh", "-c", Start, "sh", Folder, Log]))!;
        await Until.TrueAsync("sshd listens", async () =>
        {
            Assert.False(_process.HasExited, "sshd ended; the tests of SFTP need root and openssh-server.");
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", Port);
                return true;
            }
            catch (SocketException)
            {
                // Not yet.
                return false;
            }
        });
    }

    /// <summary>Runs commands of the sftp client; its exit code.</summary>
    public Task<int> SftpAsync(string commands, string user = "alice", params string[] more) =>
        ExecuteAsync("sftp", commands, [.. Options, .. more, "-P", Port.ToString(CultureInfo.InvariantCulture), "-b", "-", $"{user}@127.0.0.1"]);

    public Process StartSftp(string commands, string user = "alice", params string[] more)
    {
        var process = Process.Start(new ProcessStartInfo(
            "sftp", [.. Options, .. more, "-P", Port.ToString(CultureInfo.InvariantCulture), "-b", "-", $"{user}@127.0.0.1"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.StandardInput.Write(commands + "\n");
        process.StandardInput.Close();
        return process;
    }

    public Task<int> ScpAsync(params string[] arguments) => ExecuteAsync("scp", "", [.. Options, "-P", Port.ToString(CultureInfo.InvariantCulture), .. arguments]);

    public Task<int> LftpAsync(string commands) => ExecuteAsync(
        "lftp", "",
        "-c",
        $"set sftp:connect-program 'ssh -a -x {string.Join(' ', Options)}'; set net:max-retries 1; set cmd:fail-exit yes; open -u alice, sftp://127.0.0.1:{Port}; {commands}");

    public Task<int> RsyncAsync(params string[] arguments) =>
        ExecuteAsync("rsync", "", ["-e", $"ssh {string.Join(' ', Options)} -p {Port}", .. arguments]);

    /// <summary>A file with a number of bytes, to be sent.</summary>
    public string LocalFile(string name, int bytes)
    {
        var path = Path.Combine(Folder, "local", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[bytes]);
        return path;
    }

    public static async Task<int> ExecuteAsync(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        if (input.Length > 0)
            await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        // Both are read, or a full pipe would stop it.
        await Task.WhenAll(process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(100));
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        _folder.Dispose();
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}; the tests of SFTP need root and openssh-server.");
    }
}
