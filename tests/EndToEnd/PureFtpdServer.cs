using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests;

/// <summary>
/// Debian's Pure-FTPd with one user (alice, pw1), as root. Its paths are compiled in, so it runs with a /run of its own; <see cref="Run"/> is what it sees there.
/// </summary>
internal sealed class PureFtpdServer : IAsyncDisposable
{
    private const string Uid = "1900";
    private readonly TemporaryFolder _folder = new();
    private readonly string _address;
    private readonly string[] _options;
    private readonly string[] _before;
    private Process? _process;

    /// <summary>One with its upload pipe, or one that asks for every login first.</summary>
    /// <param name="extauth">Socket that it asks; null for the upload pipe instead.</param>
    /// <param name="address">Where it listens.</param>
    /// <param name="before">What it is started behind, such as <c>ip netns exec</c>.</param>
    public PureFtpdServer(string? extauth = null, string address = "127.0.0.1", params string[] before)
    {
        (_address, _before) = (address, before);
        _options = extauth is null ? ["-o"] : ["-l", $"extauth:{extauth}"];
        Directory.CreateDirectory(Run);
        Directory.CreateDirectory(Home);
        // The user must reach its home.
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        Execute("chown", "", $"{Uid}:{Uid}", Home);
        AddUser("alice");
        Port = FreePort.Take();
    }

    public int Port { get; private set; }
    public string Run => _folder["run"];
    public string Home => _folder["home"];
    public string Pipe => _folder["run/pure-ftpd.upload.pipe"];
    public string Scoreboard => _folder["run/pure-ftpd"];

    public string Url(string file, string login = "alice:pw1") => string.Create(CultureInfo.InvariantCulture, $"ftp://{login}@{_address}:{Port}/{file}");

    /// <summary>
    /// One more user with the password pw1 and the same home. The hash is made here: that of pure-pw takes two seconds of a core at each login. This one takes
    /// half a second, and not less: of a visit that was over before the node could open its entry nobody can tell anything.
    /// </summary>
    public void AddUser(string name, params string[] limits)
    {
        const string hash = "$6$rounds=400000$ab$KPk8gTKrfzMxt2Om1pvOO0/FqrGr7oE3PdaxVXywA14LV2P9Wxa6Q.BrQsPh2OVwcZt4nlTYzFG3ziHinAvlI1";
        File.AppendAllText(_folder["passwd"], $"{name}:{hash}:{Uid}:{Uid}::{Home}/./::::::::::::\n");
        if (limits.Length > 0)
            Execute(Installed("usr/bin/pure-pw"), "", ["usermod", name, "-f", _folder["passwd"], .. limits]);
        Execute(Installed("usr/bin/pure-pw"), "", "mkdb", _folder["users"], "-f", _folder["passwd"]);
    }

    /// <summary>Starts it; with the pipe it does not listen before somebody reads that.</summary>
    public void Start() => Start(_address, _options);

    /// <summary>Starts it on an address with options of its own.</summary>
    public void Start(string address, params string[] options)
    {
        string[] command =
        [
            .. _before, "unshare", "-m", "--propagation", "private", "sh", "-c", """mount --bind "$1" /run && shift && exec "$@" """, "sh", Run,
            Installed("usr/sbin/pure-ftpd"), .. options, "-H", "-E", "-S", string.Create(CultureInfo.InvariantCulture, $"{address},{Port}"),
            "-l", $"puredb:{_folder["users"]}", "-g", "/run/pure-ftpd.main.pid",
        ];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]))!;
    }

    /// <summary>Kills the server; its sessions go on and keep its port, so the next one has another.</summary>
    public async Task StopAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        Port = FreePort.Take();
    }

    /// <summary>
    /// Whether it has greeted a client. Not the connection alone: of two clients that are its first at the same moment one gets no entry in the scoreboard.
    /// </summary>
    public async Task<bool> IsListeningAsync()
    {
        Assert.False(_process!.HasExited, "pure-ftpd ended; tests/EndToEnd/fetch-pure-ftpd gets it, and it needs root.");
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Parse(_address), Port);
            return await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(60)) == 1;
        }
        catch (SocketException)
        {
            // Not yet.
            return false;
        }
    }

    /// <summary>The bytes that pure-ftpwho prints, inside the server's own /run.</summary>
    public async Task<byte[]> FtpwhoAsync(params string[] arguments)
    {
        string[] command = ["-t", _process!.Id.ToString(CultureInfo.InvariantCulture), "-m", Installed("usr/sbin/pure-ftpwho"), .. arguments];
        using var ftpwho = Process.Start(new ProcessStartInfo("nsenter", command) { RedirectStandardOutput = true })!;
        var output = new MemoryStream();
        await ftpwho.StandardOutput.BaseStream.CopyToAsync(output);
        await ftpwho.WaitForExitAsync();
        Assert.Equal(0, ftpwho.ExitCode);
        return output.ToArray();
    }

    /// <summary>Runs curl; its exit code.</summary>
    public static async Task<int> CurlAsync(params string[] arguments)
    {
        using var curl = Process.Start(new ProcessStartInfo("curl", ["-sS", "--max-time", "100", .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        // Both are read, or a full pipe would stop it.
        await Task.WhenAll(curl.StandardError.ReadToEndAsync(), curl.StandardOutput.ReadToEndAsync());
        await curl.WaitForExitAsync();
        return curl.ExitCode;
    }

    /// <summary>kill -9 of the server itself; its sessions go on without it.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process?.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        // Names there may be no UTF-8, and .NET cannot name those.
        Execute("rm", "", "-rf", Home);
        _folder.Dispose();
    }

    private static string Installed(string file)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FtpActors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the project's folder.");
        var path = Path.Combine(folder, ".cache/pure-ftpd", file);
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is missing: run tests/EndToEnd/fetch-pure-ftpd.");
    }

    private static void Execute(string program, string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}; the tests of Pure-FTPd need root.");
    }
}
