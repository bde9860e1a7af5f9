using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Debian's ProFTPD with one user (alice, pw1), as root: FTP, and SFTP by mod_sftp, configured with the lines that this program prints.</summary>
internal sealed class ProftpdServer : IAsyncDisposable
{
    private const string Uid = "65534";
    private readonly TemporaryFolder _folder = new();
    private Process? _process;

    /// <param name="lines">The lines that <c>proftpd config</c> prints.</param>
    /// <param name="more">More lines.</param>
    public ProftpdServer(string lines, string more = "")
    {
        Directory.CreateDirectory(Home);
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        Execute("chown", $"{Uid}:{Uid}", Home);
        var hash = Execute("openssl", "passwd", "-6", "-salt", "ab", "pw1").Trim();
        File.WriteAllText(_folder["passwd"], $"alice:{hash}:{Uid}:{Uid}::{Home}:/bin/sh\n");
        File.SetUnixFileMode(_folder["passwd"], (UnixFileMode)0b110_000_000);
        Execute("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", _folder["hostkey"]);
        Directory.CreateDirectory(_folder["log"]);
        Port = FreePort.Take();
        SftpPort = FreePort.Take();
        File.WriteAllText(_folder["proftpd.conf"], $"""
            ModulePath {Installed("usr/lib/proftpd")}
            LoadModule mod_sftp.c
            LoadModule mod_site_misc.c
            {lines.Replace("/var/log/proftpd", _folder["log"], StringComparison.Ordinal)}
            ServerName "Test FTP"
            ServerType standalone
            DefaultAddress 127.0.0.1
            Port {Port}
            User nobody
            Group nogroup
            UseReverseDNS off
            WtmpLog off
            RequireValidShell off
            AllowOverwrite on
            AllowStoreRestart on
            AuthOrder mod_auth_file.c
            AuthUserFile {_folder["passwd"]}
            ScoreboardFile {_folder["scoreboard"]}
            PidFile {_folder["pid"]}
            DelayEngine off
            SystemLog {_folder["log/system.log"]}
            {more}
            <VirtualHost 127.0.0.1>
              ServerName "Test SFTP"
              Port {SftpPort}
              SFTPEngine on
              SFTPHostKey {_folder["hostkey"]}
              SFTPAuthMethods password
              AuthOrder mod_auth_file.c
              AuthUserFile {_folder["passwd"]}
              RequireValidShell off
              AllowOverwrite on
              AllowStoreRestart on
            </VirtualHost>
            """);
    }

    public int Port { get; }
    public int SftpPort { get; }
    public string Home => _folder["home"];

    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Installed("usr/sbin/proftpd"), ["-n", "-c", _folder["proftpd.conf"]]) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, line) => Errors += line.Data + "\n";
        _process.BeginErrorReadLine();
        await Until.TrueAsync("ProFTPD listens", () =>
        {
            Assert.False(_process.HasExited, $"proftpd ended; tests/EndToEnd/fetch-proftpd gets it, and it needs root.\n{Errors}");
            using var client = new TcpClient();
            try
            {
                client.Connect("127.0.0.1", Port);
                return true;
            }
            catch (SocketException)
            {
                // Not yet.
                return false;
            }
        });
    }

    public string Errors { get; private set; } = "";

    /// <summary>What the server logged, for the message of a failed test.</summary>
    public string Log => File.Exists(_folder["log/system.log"]) ? File.ReadAllText(_folder["log/system.log"]) : "";

    public string Url(string file, string login = "alice:pw1") => string.Create(CultureInfo.InvariantCulture, $"ftp://{login}@127.0.0.1:{Port}/{file}");

    /// <summary>A path in the user's home, by SFTP.</summary>
    public string SftpUrl(string file) => string.Create(CultureInfo.InvariantCulture, $"sftp://alice:pw1@127.0.0.1:{SftpPort}{Home}/{file}");

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // SIGTERM, which ends its sessions, too.
            Execute("kill", _process.Id.ToString(CultureInfo.InvariantCulture));
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        _folder.Dispose();
    }

    private static string Installed(string file)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FtpActors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the project's folder.");
        var path = Path.Combine(folder, ".cache/proftpd", file);
        return Path.Exists(path) ? path : throw new InvalidOperationException($"{path} is missing: run tests/EndToEnd/fetch-proftpd.");
    }

    private static string Execute(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}; the tests of ProFTPD need root.");
        return output;
    }
}
