using System.Globalization;
using System.Text;
using FtpActors.Protocol.OpenSsh;

namespace FtpActors.Protocol.Tests;

/// <summary>OpenSSH's log: its lines, and the sessions that they make. The captures are of OpenSSH 9.2p1.</summary>
public class OpenSshTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 0, 22, 46, TimeSpan.Zero);

    [Fact]
    public void The_lines_of_a_login_are_read()
    {
        var connection = Line("<38>Nov 21 00:22:46 sshd[13812]: Connection from 127.0.0.1 port 41292 on 127.0.0.1 port 2222 rdomain \"\"");
        Assert.Equal((OpenSshWord.Connection, 13812, "127.0.0.1", 41292, "127.0.0.1:2222"), (connection.Word, connection.Pid, connection.Address, connection.Port, connection.Local));
        var accepted = Line("<38>Nov 21 00:22:46 sshd[13812]: Accepted publickey for upl1 from 127.0.0.1 port 41292 ssh2: ED25519 SHA256:y8jLiH2fratpgqDTh5mGzESDZH7MRkKMCWN7ZU5BplQ");
        Assert.Equal((OpenSshWord.Accepted, "upl1", "publickey", "ED25519 SHA256:y8jLiH2fratpgqDTh5mGzESDZH7MRkKMCWN7ZU5BplQ"), (accepted.Word, accepted.User, accepted.Method, accepted.Key));
        Assert.Equal(OpenSshWord.Failed, Line("sshd[1]: Failed password for invalid user a b from ::1 port 5 ssh2").Word);
        Assert.Equal("a b", Line("sshd[1]: Failed password for invalid user a b from ::1 port 5 ssh2").User);
        Assert.Equal("nouser", Line("<38>Nov 21 00:42:43 sshd[28229]: Connection closed by invalid user nouser 127.0.0.1 port 52714 [preauth]").User);
    }

    [Theory]
    [InlineData("2026-11-21T00:22:46.123456+00:00 host internal-sftp[7]: remove name \"/a\"")]
    [InlineData("Nov 21 00:22:46 host internal-sftp[7]: remove name \"/a\"\n")]
    [InlineData("<38>Nov 21 00:22:46 sftp-server[7]: remove name \"/a\"")]
    public void A_line_is_known_behind_every_head(string text) => Assert.Equal((OpenSshWord.Remove, 7, "/a"), (Line(text).Word, Line(text).Pid, Line(text).Path));

    [Theory]
    [InlineData(@"close ""/a b"" bytes read 1 written 2"" bytes read 0 written 7", "/a b\" bytes read 1 written 2")]
    [InlineData(@"close ""/\303\244\\x\377"" bytes read 0 written 7", @"/ä\\x\xFF")]
    [InlineData(@"close """" bytes read 0 written 7", "")]
    public void A_name_is_read_back_to_its_bytes(string text, string path)
    {
        var line = Line($"internal-sftp[7]: {text}");
        Assert.Equal((OpenSshWord.Close, path, 7), (line.Word, line.Path, line.Written));
    }

    [Fact]
    public void Names_that_can_be_split_in_two_ways_are_ambiguous()
    {
        Assert.True(Line("internal-sftp[7]: posix-rename old \"/a\" new \"/b\" new \"/c\"").IsAmbiguous);
        Assert.False(Line("internal-sftp[7]: posix-rename old \"/a\" new \"/b\"").IsAmbiguous);
    }

    [Fact]
    public void A_cut_line_says_nothing()
    {
        const string whole = "internal-sftp[7]: close \"/a\" bytes read 0 written 7";
        for (var length = 18; length < whole.Length - 1; length++)
            Assert.Equal(length < "internal-sftp[7]: close \"".Length ? OpenSshWord.Other : OpenSshWord.Cut, Line(whole[..length]).Word);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cron[5]: session opened")]
    [InlineData("sshd: no process")]
    [InlineData("sshd[0]: x")]
    public void What_is_no_line_of_OpenSSH_is_refused_with_a_reason(string text)
    {
        Assert.False(OpenSshLine.TryDecode(Encoding.UTF8.GetBytes(text), out _, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void Each_of_32_sessions_is_tied_to_its_own_connection()
    {
        var events = Play("openssh/devlog_ppid.txt");
        var logins = events.Where(e => e.Kind == EventKind.Login).ToList();
        Assert.True(logins.Count >= 32);
        Assert.Equal(logins.Count, logins.Select(e => e.Session).Distinct().Count());
        Assert.Equal(logins.Count, logins.Select(e => e.Extra!.Single(w => w.StartsWith("port=", StringComparison.Ordinal))).Distinct().Count());
        foreach (var login in logins)
        {
            var kinds = events.Where(e => e.Session == login.Session).Select(e => e.Kind).ToList();
            Assert.Equal(EventKind.Login, kinds[0]);
            Assert.Equal(EventKind.Logout, kinds[^1]);
            Assert.Single(kinds, EventKind.Login);
            Assert.Contains("key=ED25519 SHA256:y8jLiH2fratpgqDTh5mGzESDZH7MRkKMCWN7ZU5BplQ", login.Extra!);
        }
    }

    [Fact]
    public void A_killed_client_has_aborted_and_a_whole_upload_is_ok()
    {
        var events = Play("openssh/devlog.txt");
        var aborted = Assert.Single(events, e => e.Path == "/srv/sftp/home/upl1/06_abort_kill9/big.bin");
        Assert.Equal((EventKind.Upload, EventStatus.Aborted, 1044480L), (aborted.Kind, aborted.Status, aborted.Bytes));
        var whole = Assert.Single(events, e => e.Path == "/srv/sftp/home/upl1/01_put_small/a.bin");
        Assert.Equal((EventKind.Upload, EventStatus.Ok, 20000L), (whole.Kind, whole.Status, whole.Bytes));
        // Its server was killed: no line tells of the end of the file.
        Assert.DoesNotContain(events, e => e.Kind == EventKind.Upload && e.Path!.Contains("22_server_kill_isf", StringComparison.Ordinal) && e.Status == EventStatus.Ok);
    }

    [Theory]
    [InlineData("08_rename/a", EventKind.Rename, EventStatus.Ok)]
    [InlineData("18_lftp_put_temp/.in.small.bin", EventKind.Rename, EventStatus.Ok)]
    [InlineData("12_chmod/a", EventKind.Chmod, EventStatus.Ok)]
    [InlineData("13_symlink/a", EventKind.Symlink, EventStatus.Ok)]
    [InlineData("07_put_p/a.bin", EventKind.Upload, EventStatus.Ok)]
    [InlineData("14_get/a", EventKind.Download, EventStatus.Ok)]
    [InlineData("18_lftp_put_temp/.in.small.bin", EventKind.Upload, EventStatus.Ok)]
    public void Each_operation_of_the_capture_is_one_event(string path, EventKind kind, EventStatus status)
    {
        var found = Play("openssh/devlog.txt").Where(e => e.Path == $"/srv/sftp/home/upl1/{path}" && e.Kind == kind).ToList();
        Assert.Equal(status, Assert.Single(found).Status);
    }

    [Fact]
    public void An_operation_fails_by_the_status_behind_it_and_only_when_that_comes_at_once()
    {
        var ssh = Opened();
        ssh.Take(Sftp("open \"/a\" flags WRITE,CREATE,TRUNCATE mode 0644", 1));
        var failed = Assert.Single(ssh.Take(Sftp("sent status Permission denied", 2)));
        Assert.Equal((EventKind.Upload, EventStatus.Denied, "/a"), (failed.Kind, failed.Status, failed.Path));

        ssh.Take(Sftp("posix-rename old \"/a\" new \"/b\"", 10));
        var renamed = Assert.Single(ssh.Take(Sftp("sent status No such file", 500)));
        Assert.Equal((EventKind.Rename, EventStatus.Ok), (renamed.Kind, renamed.Status));

        ssh.Take(Sftp("mkdir name \"/d\" mode 0777", 600));
        Assert.Empty(ssh.Pass(At.AddMilliseconds(620)));
        Assert.Equal((EventKind.Mkdir, EventStatus.Ok), Assert.Single(ssh.Pass(At.AddMilliseconds(700))) is var e ? (e.Kind, e.Status) : default);
    }

    [Fact]
    public void A_killed_server_process_aborts_what_it_had_open_and_a_connection_without_processes_is_lost()
    {
        var ssh = Opened();
        ssh.Take(Sftp("open \"/a\" flags WRITE,CREATE,TRUNCATE mode 0644", 1));
        ssh.Pass(At.AddSeconds(1));
        var aborted = Assert.Single(ssh.Died(new ProcessName(30, 3), At.AddSeconds(2)));
        Assert.Equal((EventKind.Upload, EventStatus.Aborted), (aborted.Kind, aborted.Status));
        Assert.Null(aborted.Bytes);
        Assert.Empty(ssh.Died(new ProcessName(20, 2), At.AddSeconds(3)));
        var lost = Assert.Single(ssh.Died(new ProcessName(10, 1), At.AddSeconds(3)));
        Assert.Equal((EventKind.Logout, EventStatus.Aborted, "b.1.a"), (lost.Kind, lost.Status, lost.Session));
        Assert.Empty(ssh.Processes);
    }

    [Fact]
    public void Several_channels_are_one_session()
    {
        var ssh = Opened();
        var second = Assert.Single(ssh.Take(Notice("internal-sftp[31]: session opened for local user bob from [192.0.2.7]", 5, (31, 4), (20, 2), (10, 1))));
        Assert.Equal((EventKind.Other, "channel", "b.1.a"), (second.Kind, second.Type, second.Session));
        Assert.Empty(ssh.Take(Notice("sshd[20]: Disconnected from user bob 192.0.2.7 port 5", 6, (20, 2), (10, 1))));
        Assert.Empty(ssh.Take(Sftp("session closed for local user bob from [192.0.2.7]", 7)));
        var logout = Assert.Single(ssh.Take(Notice("internal-sftp[31]: session closed for local user bob from [192.0.2.7]", 8, (31, 4), (20, 2), (10, 1))));
        Assert.Equal((EventKind.Logout, EventStatus.Unknown), (logout.Kind, logout.Status));
    }

    [Fact]
    public void A_shell_login_is_no_session()
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b");
        Assert.Empty(ssh.Take(Notice("sshd[10]: Accepted password for bob from 192.0.2.7 port 5 ssh2", 0, (10, 1))));
        Assert.Empty(ssh.Take(Notice("sshd[20]: Disconnected from user bob 192.0.2.7 port 5", 6, (20, 2), (10, 1))));
        Assert.Empty(ssh.Memory.Connections);
    }

    [Fact]
    public void A_refused_login_is_told_once_for_each_try()
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b");
        ssh.Take(Notice("sshd[10]: Connection from 192.0.2.7 port 5 on 192.0.2.1 port 22", 0, (10, 1)));
        Assert.Equal(EventKind.LoginFailed, Assert.Single(ssh.Take(Notice("sshd[10]: Failed password for bob from 192.0.2.7 port 5 ssh2", 1, (10, 1)))).Kind);
        Assert.Empty(ssh.Take(Notice("sshd[10]: Connection closed by authenticating user bob 192.0.2.7 port 5 [preauth]", 2, (10, 1))));
        Assert.Empty(ssh.Memory.Connections);
    }

    [Fact]
    public void Paths_are_those_of_the_machine()
    {
        var notice = Notice("internal-sftp[1]: remove name \"/x\"", 0) with { Root = "/srv/jail", Folder = "/srv/jail/home" };
        Assert.Equal("/srv/jail/a/c", notice.PathOf("/a/./b/../c"));
        Assert.Equal("/srv/jail/home/f", notice.PathOf("f"));
    }

    [Fact]
    public void Sessions_go_on_after_a_restart_of_the_node()
    {
        var before = Opened();
        before.Take(Sftp("open \"/a\" flags WRITE,CREATE,TRUNCATE mode 0644", 1));
        var after = new OpenSshSessions("ftp1", "ssh", "b");
        after.Restore(before.Memory);
        var upload = Assert.Single(after.Take(Sftp("close \"/a\" bytes read 0 written 9", 2001)));
        Assert.Equal(("b.1.a", 9L, 2.0), (upload.Session, upload.Bytes, upload.Seconds));
    }

    [Fact]
    public void Without_processes_a_session_is_known_by_user_and_address()
    {
        var events = Play("openssh/devlog_ppid.txt", withProcesses: false);
        Assert.All(events, e => Assert.Null(e.Session));
        Assert.Equal(events.Count(e => e.Kind == EventKind.Login), events.Count(e => e.Kind == EventKind.Logout));
    }

    [Fact]
    public void A_process_that_was_gone_before_the_look_belongs_to_the_one_connection_that_waits()
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b");
        ssh.Take(Notice("sshd[10]: Accepted password for bob from 192.0.2.7 port 5 ssh2", 0, (10, 1)));
        ssh.Take(Notice("sshd[20]: Starting session: subsystem 'sftp' for bob from 192.0.2.7 port 5 id 0", 0, (20, 2), (10, 1)));
        ssh.Take(Notice("sshd[11]: Accepted password for eve from 192.0.2.7 port 6 ssh2", 0, (11, 1)));
        var login = Assert.Single(ssh.Take(Notice("internal-sftp[30]: session opened for local user bob from [192.0.2.7]", 1)));
        Assert.Equal((EventKind.Login, "b.1.a"), (login.Kind, login.Session));
        ssh.Take(Notice("internal-sftp[30]: open \"/a\" flags WRITE,CREATE,TRUNCATE mode 0644", 2));
        Assert.Equal("b.1.a", Assert.Single(ssh.Take(Notice("internal-sftp[30]: close \"/a\" bytes read 0 written 9", 3))).Session);
        ssh.Take(Notice("internal-sftp[30]: open \"/b\" flags WRITE,CREATE,TRUNCATE mode 0644", 4));
        // Nobody sees its end, so it ends with the connection.
        var ends = ssh.Died(new ProcessName(10, 1), At.AddSeconds(2));
        Assert.Equal([(EventKind.Upload, EventStatus.Aborted, "b.1.a"), (EventKind.Logout, EventStatus.Aborted, "b.1.a")], ends.Select(e => (e.Kind, e.Status, e.Session)));
        Assert.Empty(ssh.Memory.Channels);
    }

    [Theory]
    [InlineData("Accepted password for bob from 192.0.2.7 port 6 ssh2", "sshd[11]", 11)]
    [InlineData("Starting session: subsystem 'sftp' for bob from 192.0.2.7 port 4 id 1", "sshd[12]", 12)]
    public void A_process_that_was_gone_before_the_look_belongs_to_nobody_while_two_connections_wait(string text, string sender, int pid)
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b");
        // The third has its channel, and may be told to make another.
        ssh.Take(Notice("sshd[12]: Accepted password for bob from 192.0.2.7 port 4 ssh2", 0, (12, 1)));
        ssh.Take(Notice("internal-sftp[32]: session opened for local user bob from [192.0.2.7]", 0, (32, 2), (12, 1)));
        ssh.Take(Notice("sshd[10]: Accepted password for bob from 192.0.2.7 port 5 ssh2", 0, (10, 1)));
        ssh.Take(Notice($"{sender}: {text}", 0, (pid, 1)));
        var login = Assert.Single(ssh.Take(Notice("internal-sftp[30]: session opened for local user bob from [192.0.2.7]", 1)));
        Assert.Equal((EventKind.Login, null), (login.Kind, login.Session));
    }

    [Fact]
    public void Without_the_senders_process_the_root_of_a_users_paths_is_the_one_that_was_given()
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b", new Dictionary<string, string> { ["bob"] = "/srv/jail" });
        foreach (var (user, path) in new[] { ("bob", "/srv/jail/in/a"), ("eve", "/in/a") })
        {
            ssh.Take(Notice($"internal-sftp[30]: session opened for local user {user} from [192.0.2.7]", 0));
            ssh.Take(Notice("internal-sftp[30]: open \"/in/a\" flags WRITE,CREATE mode 0644", 1));
            Assert.Equal(path, Assert.Single(ssh.Take(Notice("internal-sftp[30]: close \"/in/a\" bytes read 0 written 7", 2))).Path);
        }
    }

    private static OpenSshSessions Opened()
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b");
        ssh.Take(Notice("sshd[10]: Accepted password for bob from 192.0.2.7 port 5 ssh2", 0, (10, 1)));
        Assert.Equal(EventKind.Login, Assert.Single(ssh.Take(Sftp("session opened for local user bob from [192.0.2.7]", 0))).Kind);
        return ssh;
    }

    private static OpenSshNotice Sftp(string text, int ms) => Notice($"internal-sftp[30]: {text}", ms, (30, 3), (20, 2), (10, 1));

    private static OpenSshNotice Notice(string text, int ms, params (int Pid, long Start)[] chain) =>
        new(Line(text), At.AddMilliseconds(ms)) { Chain = [.. chain.Select(p => new ProcessName(p.Pid, p.Start))] };

    private static OpenSshLine Line(string text)
    {
        Assert.True(OpenSshLine.TryDecode(Encoding.UTF8.GetBytes(text), out var line, out var reason), reason);
        return line;
    }

    /// <summary>The events of a capture: <c>time peerpid=P peeruid=U ppid=Q LINE</c>. A process is told dead when all lines are over.</summary>
    private static List<FtpEvent> Play(string capture, bool withProcesses = true)
    {
        var ssh = new OpenSshSessions("ftp1", "ssh", "b");
        var parents = new Dictionary<int, int>();
        var events = new List<FtpEvent>();
        var last = At;
        foreach (var captured in File.ReadLines(Capture.PathOf(capture)))
        {
            var at = captured.IndexOf('<', StringComparison.Ordinal);
            if (at < 0 || !OpenSshLine.TryDecode(Encoding.UTF8.GetBytes(captured[at..]), out var line, out _))
                continue;
            var words = captured[..at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            last = DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(words[0], CultureInfo.InvariantCulture));
            if (Array.Find(words, w => w.StartsWith("ppid=", StringComparison.Ordinal)) is { } parent)
            {
                // A sender that was gone before the look is known from its line before.
                if (int.TryParse(parent[5..], CultureInfo.InvariantCulture, out var known))
                    parents[line.Pid] = known;
            }
            // The first capture has no parents; one at a time, each process was the next after its parent.
            else if (line.IsSftp)
                parents.TryAdd(line.Pid, line.Pid - 1);
            else if (line.Word == OpenSshWord.Child)
                parents[line.Number!.Value] = line.Pid;
            var chain = new List<ProcessName>();
            for (var pid = line.Pid; pid > 0 && chain.Count < 4; pid = parents.GetValueOrDefault(pid))
                chain.Add(new ProcessName(pid, 1));
            events.AddRange(ssh.Pass(last));
            events.AddRange(ssh.Take(new OpenSshNotice(line, last) { Chain = withProcesses ? chain : [] }));
        }
        events.AddRange(ssh.Pass(last.AddSeconds(1)));
        foreach (var process in ssh.Processes.ToList())
            events.AddRange(ssh.Died(process, last.AddSeconds(2)));
        return events;
    }
}
