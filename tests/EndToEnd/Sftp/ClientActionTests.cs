using System.Diagnostics;
using System.Globalization;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>What clients do, with the real programs: OpenSSH's sftp and scp, lftp, rsync. Each action is told once, by the log where it can.</summary>
public sealed class ClientActionTests(SftpNode sftp) : IClassFixture<SftpNode>
{
    private readonly SftpServer _server = sftp.Server;

    [Theory]
    [InlineData("put", "put {small} {d}/a", "ssh upload ok a")]
    [InlineData("put-twice", "put {small} {d}/a\nput {large} {d}/a", "ssh upload ok a", "ssh upload ok a")]
    [InlineData("put-p", "put -p {small} {d}/a", "ssh upload ok a")]
    [InlineData("put-f", "put -f {small} {d}/a", "ssh upload ok a")]
    [InlineData("empty", "put {empty} {d}/a", "ssh upload ok a")]
    [InlineData("four", "put {small} {d}/a\nput {small} {d}/b\nput {large} {d}/c\nput {empty} {d}/e", "ssh upload ok a", "ssh upload ok b", "ssh upload ok c", "ssh upload ok e")]
    [InlineData("rename", "put {small} {d}/a\nrename {d}/a {d}/b", "ssh upload ok a", "ssh rename ok a>b")]
    [InlineData("rename-l", "put {small} {d}/a\nrename -l {d}/a {d}/b", "ssh upload ok a", "ssh rename ok a>b")]
    [InlineData("rename-over", "put {small} {d}/a\nput {small} {d}/b\nrename {d}/a {d}/b", "ssh upload ok a", "ssh upload ok b", "ssh rename ok a>b")]
    [InlineData("rm", "put {small} {d}/a\nrm {d}/a", "ssh upload ok a", "ssh delete ok a")]
    [InlineData("folders", "mkdir {d}/x\nrmdir {d}/x", "ssh mkdir ok x", "ssh rmdir ok x")]
    [InlineData("chmod", "put {small} {d}/a\nchmod 600 {d}/a", "ssh upload ok a", "ssh chmod ok a")]
    [InlineData("symlink", "put {small} {d}/a\nln -s {d}/a {d}/l", "ssh upload ok a", "ssh symlink ok a>l")]
    [InlineData("link", "put {small} {d}/a\nln {d}/a {d}/l", "ssh upload ok a", "ssh symlink ok a>l")]
    [InlineData("get", "put {small} {d}/a\nget {d}/a {local}/got", "ssh upload ok a", "ssh download ok a")]
    [InlineData("ls", "put {small} {d}/a\nls -l {d}\nput {small} {d}/b", "ssh upload ok a", "ssh upload ok b")]
    [InlineData("reput", "put {large} {d}/a\nreput {larger} {d}/a", "ssh upload ok a", "ssh upload ok a")]
    [InlineData("part", "put {small} {d}/a.part\nrename {d}/a.part {d}/a", "ssh upload ok a.part temporary", "ssh rename ok a.part>a", "ssh upload ok a<a.part")]
    public async Task A_command_of_sftp_is_told(string name, string commands, params string[] expected)
    {
        var folder = await sftp.FolderAsync("c-" + name);
        Assert.Equal(0, await _server.SftpAsync(Filled(commands, folder)));
        Assert.Equal(expected, await sftp.EventsAsync(folder, expected.Length));
    }

    [Fact]
    public async Task What_is_refused_is_told_by_the_log_alone()
    {
        var folder = await sftp.FolderAsync("refused");
        Assert.Equal(0, await SftpServer.ExecuteAsync("chown", "", "0:0", folder));
        Assert.Equal(1, await _server.SftpAsync($"put {_server.LocalFile("small", 20_000)} {folder}/a"));
        Assert.Equal(["ssh upload denied a"], await sftp.EventsAsync(folder, 1));
        Assert.Equal(1, await _server.SftpAsync($"rm {folder}/none\nget {folder}/none"));
        Assert.Contains("ssh delete not_found none", await sftp.EventsAsync(folder, 2));
    }

    [Fact]
    public async Task A_folder_that_is_put_is_told_file_by_file()
    {
        var folder = await sftp.FolderAsync("tree");
        foreach (var file in (string[])["t/f1", "t/f2", "t/s/g1"])
            _server.LocalFile(file, 1000);
        Assert.Equal(0, await _server.SftpAsync($"put -r {_server.Folder}/local/t {folder}"));
        var events = await sftp.EventsAsync(folder, 7);
        Assert.Equal(["ssh upload ok t/f1", "ssh upload ok t/f2", "ssh upload ok t/s/g1"], events.Where(e => e.Contains(" upload ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("scp", "", "ssh upload ok a")]
    [InlineData("scp-p", "-p", "ssh upload ok a")]
    [InlineData("scp-O", "-O", "drop upload unknown a")]
    public async Task A_copy_by_scp_is_told(string name, string option, string expected)
    {
        var folder = await sftp.FolderAsync(name);
        string[] options = option.Length > 0 ? [option] : [];
        Assert.Equal(0, await _server.ScpAsync([.. options, _server.LocalFile("small", 20_000), $"alice@127.0.0.1:{folder}/a"]));
        Assert.Equal([expected], await sftp.EventsAsync(folder, 1));
    }

    [Theory]
    [InlineData("rsync", "-t", "drop upload ok a")]
    [InlineData("rsync-a", "-a", "drop upload ok a")]
    [InlineData("rsync-inplace", "--inplace", "drop upload unknown a")]
    [InlineData("rsync-delay", "--delay-updates", "drop upload ok a")]
    public async Task A_copy_by_rsync_is_told_by_the_watch(string name, string option, string expected)
    {
        var folder = await sftp.FolderAsync(name);
        Assert.Equal(0, await _server.RsyncAsync(option, _server.LocalFile("small", 20_000), $"alice@127.0.0.1:{folder}/a"));
        Assert.Equal([expected], await sftp.EventsAsync(folder, 1));
        Assert.Equal(0, await _server.RsyncAsync(option, _server.LocalFile("larger", 90_000), $"alice@127.0.0.1:{folder}/a"));
        Assert.Equal([expected, expected], await sftp.EventsAsync(folder, 2));
    }

    [Fact]
    public async Task An_upload_by_lftp_is_told_under_its_final_name()
    {
        var folder = await sftp.FolderAsync("lftp");
        Assert.Equal(0, await _server.LftpAsync($"set xfer:use-temp-file yes; put {_server.LocalFile("small", 20_000)} -o {folder}/a"));
        var events = (await sftp.EventsAsync(folder, 3)).Where(e => e.Contains(" upload ", StringComparison.Ordinal) || e.Contains(" rename ", StringComparison.Ordinal));
        Assert.Equal(["ssh upload ok .in.a temporary", "ssh rename ok .in.a>a", "ssh upload ok a<.in.a"], events);
        Assert.Equal(0, await _server.LftpAsync($"set xfer:use-temp-file no; put {_server.LocalFile("small", 20_000)} -o {folder}/b"));
        Assert.Single(await sftp.EventsAsync(folder, 4), e => e == "ssh upload ok b");
    }

    [Fact]
    public async Task A_folder_that_lftp_mirrors_is_told_file_by_file_under_final_names()
    {
        var folder = await sftp.FolderAsync("mirror");
        foreach (var file in (string[])["m/f1", "m/f2", "m/s/g1"])
            _server.LocalFile(file, 1000);
        Assert.Equal(0, await _server.LftpAsync($"set xfer:use-temp-file yes; mirror -R {_server.Folder}/local/m {folder}/m"));
        await Until.TrueAsync("all have their final names", async () => (await FinalNamesAsync(folder)).Count >= 3);
        // The times of the files are set last, which is no upload.
        Assert.Equal(0, await _server.SftpAsync($"put {_server.LocalFile("small", 20_000)} {folder}/z"));
        await Until.TrueAsync("the last is told", async () => (await FinalNamesAsync(folder)).Contains("ssh upload ok z"));
        Assert.Equal(["ssh upload ok m/f1<m/.in.f1", "ssh upload ok m/f2<m/.in.f2", "ssh upload ok m/s/g1<m/s/.in.g1", "ssh upload ok z"], await FinalNamesAsync(folder));
    }

    [Fact]
    public async Task Four_sessions_at_once_and_a_slow_one_are_told_by_their_names()
    {
        var folder = await sftp.FolderAsync("at-once");
        var (slow, quick) = (_server.LocalFile("slow", 3_000_000), _server.LocalFile("larger", 90_000));
        await Task.WhenAll(
            _server.SftpAsync($"put {slow} {folder}/slow", "alice", "-l", "16000"), _server.SftpAsync($"put {quick} {folder}/b"),
            _server.SftpAsync($"put {quick} {folder}/c"), _server.SftpAsync($"put {quick} {folder}/d"));
        Assert.Equal(["ssh upload ok b", "ssh upload ok c", "ssh upload ok d", "ssh upload ok slow"], (await sftp.EventsAsync(folder, 4)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_client_that_stops_politely_is_told_as_ok_with_the_bytes_that_came()
    {
        var folder = await sftp.FolderAsync("polite");
        using (var client = _server.StartSftp($"put {_server.LocalFile("big", 6_000_000)} {folder}/a", "alice", "-l", "16000"))
        {
            await Until.TrueAsync("the upload runs", () => File.Exists($"{folder}/a") && new FileInfo($"{folder}/a").Length > 100_000);
            Assert.Equal(0, await SftpServer.ExecuteAsync("kill", "", "-INT", client.Id.ToString(CultureInfo.InvariantCulture)));
            await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        var told = Assert.Single(await sftp.JsonAsync(folder, 1));
        Assert.Equal(("ssh", "upload", "ok", new FileInfo($"{folder}/a").Length), (told.Text("source"), told.Text("kind"), told.Text("status"), told.Whole("bytes")));
        Assert.InRange(new FileInfo($"{folder}/a").Length, 1, 5_999_999);
    }

    [Fact]
    public async Task A_killed_client_has_aborted_and_its_resumed_upload_is_ok()
    {
        var folder = await sftp.FolderAsync("killed");
        using (var client = _server.StartSftp($"put {_server.LocalFile("big", 6_000_000)} {folder}/a", "alice", "-l", "16000"))
        {
            await Until.TrueAsync("the upload runs", () => File.Exists($"{folder}/a") && new FileInfo($"{folder}/a").Length > 100_000);
            client.Kill(entireProcessTree: true);
        }
        Assert.Equal(["ssh upload aborted a"], await sftp.EventsAsync(folder, 1));
        Assert.Equal(0, await _server.SftpAsync($"reput {_server.LocalFile("big", 6_000_000)} {folder}/a"));
        Assert.Equal(["ssh upload aborted a", "ssh upload ok a"], await sftp.EventsAsync(folder, 2));
    }

    [Theory]
    [InlineData("sftp", "ssh upload aborted a")]
    [InlineData("child", "ssh upload aborted a")]
    [InlineData("monitor", "ssh upload ok a")]
    public async Task A_killed_process_of_the_server_is_told_as_what_it_has_done(string process, string expected)
    {
        var folder = await sftp.FolderAsync("server-" + process);
        using (var client = _server.StartSftp($"put {_server.LocalFile("big", 6_000_000)} {folder}/a", "alice", "-l", "16000"))
        {
            await Until.TrueAsync("the upload runs", () => File.Exists($"{folder}/a") && new FileInfo($"{folder}/a").Length > 100_000);
            var writer = WriterOf($"{folder}/a");
            var child = ParentOf(writer);
            Process.GetProcessById(process switch { "sftp" => writer, "child" => child, _ => ParentOf(child) }).Kill();
            await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        var told = Assert.Single(await sftp.JsonAsync(folder, 1));
        Assert.Equal(expected, $"{told.Text("source")} {told.Text("kind")} {told.Text("status")} {Path.GetFileName(told.Text("path"))}");
        await Until.TrueAsync("the session has ended", async () =>
            (await sftp.Node.ItemsAsync("/api/v1/sessions")).Single(s => s.Text("session") == told.Text("session")).Text("ended") is "lost" or "logout");
    }

    [Fact]
    public async Task What_happens_on_the_machine_itself_is_told_by_the_watch()
    {
        var folder = await sftp.FolderAsync("local");
        File.WriteAllText($"{folder}/made", "x");
        Assert.Equal(["drop upload unknown made"], await sftp.EventsAsync(folder, 1));
        Assert.Equal(0, await SftpServer.ExecuteAsync("touch", "", $"{folder}/touched"));
        Assert.Equal(["drop upload unknown made", "drop upload unknown touched"], await sftp.EventsAsync(folder, 2));
        // Closed after its times were set: the same record as of an upload.
        Assert.Equal(0, await SftpServer.ExecuteAsync("touch", "", $"{folder}/touched"));
        Assert.Equal("drop upload unknown touched", (await sftp.EventsAsync(folder, 3))[^1]);
        // Opened for writing and closed: nothing was written.
        Assert.Equal(0, await SftpServer.ExecuteAsync("sh", "", "-c", ": >> \"$1\"/made", "sh", folder));
        var outside = Directory.CreateDirectory(Path.Combine(_server.Folder, "outside")).FullName;
        for (var i = 0; i < 5; i++)
            File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"{outside}/f{i}"), "x");
        Directory.Move(outside, $"{folder}/moved");
        var events = await sftp.JsonAsync(folder, 8);
        Assert.Equal(8, events.Count);
        Assert.All(events, e => Assert.Equal("alice", e.Text("user")));
    }

    [Fact]
    public async Task Two_clients_that_write_one_name_at_once_are_two_uploads()
    {
        var folder = await sftp.FolderAsync("same");
        var big = _server.LocalFile("big2", 1_000_000);
        using (var first = _server.StartSftp($"put {big} {folder}/a", "alice", "-l", "16000"))
        using (var second = _server.StartSftp($"put {big} {folder}/a", "alice", "-l", "16000"))
            await Task.WhenAll(first.WaitForExitAsync(), second.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(60));
        var events = await sftp.JsonAsync(folder, 2);
        Assert.Equal(["ssh", "ssh"], events.Select(e => e.Text("source")));
        Assert.Equal(2, events.Select(e => e.Text("session")).Distinct().Count());
    }

    [Fact]
    public async Task Each_of_32_sessions_eight_at_a_time_has_its_own_upload()
    {
        var folder = await sftp.FolderAsync("many");
        var file = _server.LocalFile("small", 20_000);
        await Parallel.ForEachAsync(Enumerable.Range(0, 32), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            Assert.Equal(0, await _server.SftpAsync(string.Create(CultureInfo.InvariantCulture, $"put {file} {folder}/f{i}\nget {folder}/f{i} {_server.Folder}/local/got{i}"))));
        var events = await sftp.JsonAsync(folder, 64);
        Assert.Equal(64, events.Count);
        var sessions = events.GroupBy(e => e.Text("session")).ToList();
        Assert.True(sessions.Count == 32, $"{sessions.Count} sessions, of them not with two events:\n{string.Join('\n', sessions.Where(s => s.Count() != 2).SelectMany(s => s))}");
        // Both of a session are of the same client, though all have the same user and address.
        Assert.All(sessions, s => Assert.Single(s.Select(e => e.Text("path")).Distinct()));
        List<string> told = [];
        await Until.TrueAsync("all are over", async () =>
        {
            told = [.. (await sftp.Node.ItemsAsync("/api/v1/sessions")).Where(t => sessions.Exists(s => s.Key == t.Text("session"))).Select(t => $"{t.Text("ended")} {t.Text("certainty")} {t.Whole("uploads")}")];
            return told.Count == 32 && told.TrueForAll(t => t[0] != ' ');
        });
        Assert.All(told, t => Assert.Equal("logout exact 1", t));
    }

    [Fact]
    public async Task A_file_that_is_uploaded_a_thousand_times_is_told_a_thousand_times()
    {
        var folder = await sftp.FolderAsync("thousand");
        var (small, large) = (_server.LocalFile("small", 20_000), _server.LocalFile("larger", 90_000));
        Assert.Equal(0, await _server.SftpAsync(string.Join('\n', Enumerable.Range(0, 1000).Select(i => $"put {(i % 2 == 0 ? small : large)} {folder}/a"))));
        var events = await sftp.JsonAsync(folder, 1000);
        Assert.Equal(1000, events.Count);
        Assert.All(events, e => Assert.Equal(("ssh", "ok"), (e.Text("source"), e.Text("status"))));
    }

    private async Task<List<string>> FinalNamesAsync(string folder) =>
        [.. (await sftp.EventsAsync(folder, 0)).Where(e => e.Contains(" upload ", StringComparison.Ordinal) && !e.Contains(" temporary", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private string Filled(string commands, string folder) => commands
        .Replace("{d}", folder, StringComparison.Ordinal).Replace("{local}", Path.Combine(_server.Folder, "local"), StringComparison.Ordinal)
        .Replace("{small}", _server.LocalFile("small", 20_000), StringComparison.Ordinal).Replace("{larger}", _server.LocalFile("larger", 90_000), StringComparison.Ordinal)
        .Replace("{large}", _server.LocalFile("large", 60_000), StringComparison.Ordinal).Replace("{empty}", _server.LocalFile("empty", 0), StringComparison.Ordinal);

    /// <summary>The process that has a file open.</summary>
    private static int WriterOf(string path)
    {
        foreach (var process in Directory.GetDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            try
            {
                if (Directory.GetFiles(process + "/fd").Any(fd => new FileInfo(fd).LinkTarget == path))
                    return int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        throw new InvalidOperationException($"Nobody has {path} open.");
    }

    private static int ParentOf(int pid) =>
        int.Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
