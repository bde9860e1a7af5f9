using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.Proftpd;

namespace FtpActors.Protocol.Tests;

/// <summary>ProFTPD's messages, by mod_kafka and by the log, over what the real server sent.</summary>
public class ProftpdTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private const string Home = "/srv/ftp/tester/";

    [Theory]
    [InlineData("s01_login_quit", "login,logout ok")]
    [InlineData("s02_login_failed", "login_failed denied")]
    [InlineData("s03_login_unknown_user", "login_failed denied,login_failed denied,login_failed denied")]
    [InlineData("s20_connect_only", "")]
    [InlineData("s04_list", "login,list ok ~,list ok ~,list ok ~,other ok ~files,other ok /srv/ftp/tester,list failed /nonexist,logout ok")]
    [InlineData("s05_upload", "login,upload ok ~up1.bin 123456,upload ok ~up1.bin 1000,upload ok ~sp ace üml \"q\".txt 10,upload ok ~ftpX5uzzg 11,logout ok")]
    [InlineData("s06_download", "login,download ok ~up1.bin 1000,other ok ~up1.bin,other ok ~up1.bin,download not_found ~missing.bin,logout ok")]
    [InlineData("s07_abort_download_ABOR", "login,download aborted ~big.bin 3922432,logout ok")]
    [InlineData("s08_abort_download_dataclose", "login,download incomplete ~big.bin 65536,logout ok")]
    [InlineData("s10_appe", "login,upload ok ~up1.bin 77,upload ok ~newappe.bin 5,logout ok")]
    [InlineData("s12_mkdir_rmdir", "login,mkdir ok ~newdir,mkdir failed ~newdir,other ok ~newdir,mkdir ok ~newdir/sub,rmdir ok ~newdir/sub,other ok /srv/ftp/tester,rmdir ok ~newdir,rmdir not_found ~newdir,logout ok")]
    [InlineData("s13_rename", "login,rename ok ~up1.bin > ~ren1.bin,rename not_found ~nofile,rename not_found ~ren1.bin > ~nodir/x.bin,rename ok ~ren1.bin > ~up1.bin,logout ok")]
    [InlineData("s14_delete", "login,upload ok ~del.me 321,delete ok ~del.me,delete not_found ~del.me,logout ok")]
    [InlineData("s17_dropped_fin", "login,logout incomplete")]
    [InlineData("s19_dropped_during_download", "login,download incomplete ~big.bin 3922432,logout incomplete")]
    [InlineData("s21_utf8_invalid", "login")]
    [InlineData("s31_outage_until_end", "login")]
    [InlineData("recommended_format", "login,upload ok ~reco.bin 5000,rename ok ~reco.bin > ~reco2.bin,delete ok ~reco2.bin,logout ok")]
    [InlineData("sftp_split_classes", "login,list ok /srv/ftp/tester,other not_found ~sftp1.txt,upload ok ~sftp1.txt 6,other ok ~sftp1.txt,download ok ~sftp1.txt 6,rename ok ~sftp1.txt > ~sftp2.txt,mkdir ok ~sdir,rmdir ok ~sdir,delete ok ~sl,delete ok ~sftp2.txt,logout ok")]
    [InlineData("s15_site", "login,chmod ok ~up1.bin,chmod not_found ~nofile,symlink ok ~up1.bin > ~lnk1,symlink failed ~up1.bin > ~lnk1,mkdir ok ~sitedir,rmdir ok ~sitedir,other ok ~up1.bin,other ok ~cp1.bin,other ok ~up1.bin > ~cp2.bin,other ok ~up1.bin,other ok ~up1.bin,other ok ~up1.bin,logout ok")]
    public void The_messages_of_a_session_of_the_real_server_are_its_events(string capture, string expected)
    {
        var events = Events(Messages(capture));
        Assert.Equal(expected, string.Join(',', events.Select(Told)));
        Assert.All(events, e => Assert.Equal(EventFlags.None, e.Flags));
        Assert.Single(events.Select(e => e.Session).Append(Messages(capture)[0].UniqueId).Distinct());
        Assert.All(events, e => Assert.Equal(("127.0.0.1", "Research FTP", "127.0.0.1"), (e.Host, e.Service, e.RemoteHost)));
        Assert.Equal(events.Count, events.Select(e => e.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void A_login_tells_its_end_of_the_connection_and_a_failed_one_who_it_was()
    {
        var login = Events(Messages("s01_login_quit"))[0];
        Assert.Equal("tester", login.User);
        Assert.Equal(["local=127.0.0.1:2121", "protocol=ftp"], login.Extra!);
        Assert.Equal(["nosuch", "tester", "tester"], Events(Messages("s03_login_unknown_user")).Select(e => e.User));
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero), login.Time!.Value.AddTicks(-login.Time.Value.TimeOfDay.Ticks));
    }

    [Fact]
    public void A_transfer_has_its_start_its_duration_and_where_in_the_file_it_began()
    {
        var message = Messages("s07_abort_download_ABOR").Single(m => m.Command == "RETR");
        var e = Events([message])[0];
        Assert.Equal((0.301, message.Time), (e.Seconds, e.EndedAt));
        Assert.Equal(["offset=1000"], Events(Messages("s10_appe")).Single(u => u.Bytes == 77).Extra!);
    }

    [Fact]
    public void Both_forms_of_connect_and_disconnect_are_known()
    {
        var messages = Messages("hack_connect_disconnect");
        Assert.Equal([true, false, false, false], messages[..4].Select(m => m.IsConnect));
        Assert.Equal([false, false, false, true], messages[..4].Select(m => m.IsExit));
        Assert.True(Decoded("""{"disconnecting":true,"pid":1}""").IsExit);
        Assert.True(Decoded("""{"pid":1,"epoch":2}""").IsConnect);
        Assert.False(Decoded("""{"disconnecting":true,"pid":1}""").IsConnect);
    }

    [Fact]
    public void A_raw_unit_separator_is_repaired_and_other_damage_has_a_reason()
    {
        Assert.Equal("a\u001fb", Decoded("{\"pid\":1,\"command\":\"STOR\",\"command_params\":\"a\u001fb\"}").Parameters);
        foreach (var (bad, reason) in new[] { ("", "no JSON"), ("[]", "no JSON object"), ("{\"pid\":1", "no JSON"), ("{\"pid\":{}}", "\"pid\""), ("{}", "none of the keys"), ("{\"a\":\"\\ud800\"}", "no JSON") })
        {
            Assert.False(ProftpdKafkaJson.TryDecode(Encoding.UTF8.GetBytes(bad), out _, out var said));
            Assert.Contains(reason, said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Keys_that_are_values_or_formats_are_kept_and_numbers_are_doubles()
    {
        var m = Decoded("""{"NOTE:abc":"abc","%Y-%m-%dT%H:%M:%S%z":"2026","ENV:SITE":"north","pid":7,"epoch":1.795e9,"microsecs":5,"command":"DELE","user":"u","file":"/f","bytes_sent":1e17}""");
        Assert.Equal([("NOTE:abc", "abc"), ("%Y-%m-%dT%H:%M:%S%z", "2026"), ("ENV:SITE", "north")], m.Others);
        Assert.Equal((1e17, 1_795_000_000), (m.Bytes, m.Time!.Value.ToUnixTimeSeconds()));
        Assert.Equal(["ENV:SITE=north"], Events([m])[0].Extra!);
    }

    [Fact]
    public void Without_a_unique_id_process_and_both_ends_name_the_session()
    {
        var m = Decoded("""{"pid":7,"remote_ip":"192.0.2.1","remote_port":5,"local_ip":"192.0.2.2","local_port":21,"command":"EXIT","user":"u"}""");
        Assert.Equal(("7/192.0.2.1:5/192.0.2.2:21", "192.0.2.2"), (m.Session, m.Server));
        Assert.Equal("192.0.2.2", Decoded("""{"pid":7,"local_ip":"::ffff:192.0.2.2"}""").Server);
        Assert.Equal("ftp.example.org", Decoded("""{"pid":7,"local_ip":"192.0.2.2","server_ip":"192.0.2.2","server_dns":"ftp.example.org"}""").Server);
    }

    [Theory]
    [InlineData("\"file\":\"a/b.txt\",\"dir_name\":\"/home/u\"", "/home/u/a/b.txt", false)]
    [InlineData("\"file\":\"../b.txt\",\"dir_name\":\"/home/u\"", "/home/b.txt", false)]
    [InlineData("\"file\":\"b.txt\"", "b.txt", true)]
    [InlineData("\"file\":\"/in/.in.b.txt.\",\"command_params\":\"b.txt\"", "/in/b.txt", false)]
    [InlineData("\"file\":\"/in/.in.other.\",\"command_params\":\"b.txt\"", "/in/.in.other.", false)]
    public void Relative_paths_are_resolved_where_the_message_says_the_folder_and_hidden_names_are_undone(string fields, string path, bool isRelative)
    {
        var e = Events([Decoded($$"""{"pid":7,"remote_ip":"h","remote_port":5,"command":"STOR","user":"u","response_code":226,{{fields}}}""")])[0];
        Assert.Equal((path, isRelative), (e.Path, e.Flags.HasFlag(EventFlags.RelativePath)));
    }

    [Fact]
    public void An_upload_that_an_ABOR_follows_is_aborted_and_halves_of_a_rename_join_without_the_old_name()
    {
        string Line(int micros, string more) => $$"""{"ENV:UNIQUE_ID":"s","epoch":100,"microsecs":{{micros}},"user":"u",{{more}}}""";
        var events = Events(
        [
            Decoded(Line(1, """ "command":"STOR","response_code":226,"transfer_status":"success","file":"/part" """)),
            Decoded(Line(2, """ "command":"ABOR","response_code":226,"transfer_status":"cancelled" """)),
            Decoded(Line(3, """ "command":"RNFR","response_code":350,"file":"/a" """)),
            Decoded(Line(4, """ "command":"RNTO","response_code":250,"file":"/b" """)),
            Decoded(Line(5, """ "command":"RNTO","response_code":250,"file":"/c" """)),
        ]);
        Assert.Equal(["upload aborted /part", "rename ok /a > /b", "rename ok  > /c"], events.Select(Told));
        Assert.Equal(EventFlags.Short, events[2].Flags);
    }

    [Fact]
    public void An_upload_that_is_told_after_the_end_of_its_session_was_cut_by_it_and_comes_before_it()
    {
        string Line(int micros, string more) => $$"""{"ENV:UNIQUE_ID":"s","epoch":100,"microsecs":{{micros}},"protocol":"sftp","user":"u",{{more}}}""";
        var events = Events(
        [
            Decoded(Line(1, """ "command":"EXIT","session_end_reason":"Read EOF from client" """)),
            Decoded(Line(2, """ "command":"STOR","response_code":451,"response_msg":"/a: Connection reset by peer","transfer_status":"failed","bytes_sent":9,"file":"/a" """)),
        ]);
        Assert.Equal(["upload incomplete /a 9", "logout incomplete"], events.Select(Told));
    }

    [Fact]
    public void Messages_of_a_session_that_come_over_several_partitions_leave_in_order_of_time() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var order = new ProftpdOrder<int>(TimeSpan.FromSeconds(1), 1000, byTime: true);
            // Each is read up to 0.4 s after it was written.
            var sent = Enumerable.Range(0, 200).Select(i => (Sent: Now.AddMilliseconds(10 * i), Read: Now.AddMilliseconds(10 * i + random.Next(400)), Session: random.Next(5), Number: i)).OrderBy(m => m.Read).ToList();
            var left = new List<(string Session, DateTimeOffset Time, int Tag)>();
            foreach (var m in sent)
            {
                order.Add(m.Read, Of(m.Session, m.Sent), m.Number);
                left.AddRange(order.Take(m.Read).Select(Told));
            }
            left.AddRange(order.Take(DateTimeOffset.MaxValue).Select(Told));
            Assert.Equal(200, left.Select(l => l.Tag).Distinct().Count());
            foreach (var session in left.GroupBy(l => l.Session))
                Assert.Equal(session.OrderBy(l => l.Time), session);

            static (string, DateTimeOffset, int) Told((ProftpdMessage? Message, int Tag) m) => (m.Message!.UniqueId!, m.Message.Time!.Value, m.Tag);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void What_waits_is_bounded_and_without_the_clock_leaves_as_it_came()
    {
        var order = new ProftpdOrder<int>(TimeSpan.FromSeconds(1), 10, byTime: true);
        for (var i = 0; i <= 10; i++)
            order.Add(Now, null, i);
        Assert.Equal([0, 1, 2, 3, 4], order.Take(Now).Select(m => m.Tag));
        order.Forget(tag => tag < 8);
        Assert.Equal([8, 9, 10], order.Waiting);
        foreach (var byTime in new[] { true, false })
        {
            order = new ProftpdOrder<int>(TimeSpan.FromSeconds(1), 10, byTime);
            order.Add(Now, Of(1, Now), 0);
            Assert.Empty(order.Take(Now.AddSeconds(0.9)));
            order.Add(Now.AddSeconds(0.95), Of(1, Now.AddSeconds(-1)), 1);
            order.Add(Now.AddSeconds(0.95), Of(1, Now.AddSeconds(1)), 2);
            Assert.Equal(byTime ? [1, 0] : [0], order.Take(Now.AddSeconds(1)).Select(m => m.Tag));
            Assert.Equal(Now.AddSeconds(1.95), order.DueAt);
        }
    }

    [Fact]
    public void The_log_says_the_same_as_the_JSON()
    {
        var cells = new[]
        {
            "fa1", "awDozH8AAAF/AAABAAA1ZTwF", "13669", "1795221709", "820197", "127.0.0.1", "42330", "127.0.0.1", "2121", "ftp", "226", "5000", "5000", "0", "success", "1", "5056",
            "STOR", "Research FTP", "tester", "", "tester", "-", "reco.bin", Home + "reco.bin", "Transfer complete",
        };
        var line = Logged(string.Join('\t', cells) + "\n");
        var json = Messages("recommended_format").Single(m => m.Command == "STOR");
        Assert.Equal(Events([json])[0], Events([line])[0]);
        Assert.Equal(cells.Length, ProftpdLogLine.LogFormat.Split('\t').Length);
        // Once in each of parameters, file and answer.
        cells[23] = "a\tb";
        cells[24] = Home + "a\tb";
        var tab = Logged(string.Join('\t', cells));
        Assert.Equal((Home + "a\tb", EventFlags.Ambiguous, "Transfer complete"), (tab.File, tab.Flags, tab.Answer));
        cells[25] = "a\tb: No such file or directory";
        Assert.Equal(("a\tb", "a\tb: No such file or directory"), (Logged(string.Join('\t', cells)).Parameters, Logged(string.Join('\t', cells)).Answer));
        foreach (var (bad, reason) in new[] { ("nonsense\tx", "does not begin"), (string.Join('\t', cells[..20]), "columns instead"), (string.Join('\t', cells) + "\tx", "tabs that cannot be told") })
        {
            Assert.False(ProftpdLogLine.TryDecode(Encoding.UTF8.GetBytes(bad), out _, out var said));
            Assert.Contains(reason, said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_lines_of_real_xferlogs_are_read()
    {
        var lines = File.ReadAllLines(Capture.PathOf("proftpd/xferlog_fifo.txt")).Select(Transfer).ToList();
        Assert.Equal(
            ["upload ok ~fifo2.bin 1000", "upload ok ~fifo2.bin 5", "download ok ~fifo2.bin 1005", "delete ok ~fi_fo\"3\".bin", "download incomplete ~big.bin 3407872"],
            lines.Select(Told));
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 0, 31, 51, TimeSpan.Zero), lines[0].Time);
        // vsftpd (its manual's example), with an anonymous user; and wu-ftpd's, with a day of one digit and blanks in the name.
        var anonymous = Transfer("Wed Apr  1 09:00:10 2026 10 192.0.2.7 100 /pub/in/file b _ i a me@example.org ftp 0 * c");
        Assert.Equal(("anonymous", "me@example.org", 10.0, 1, "/pub/in/file"), (anonymous.User, anonymous.Email, anonymous.Seconds, anonymous.Time!.Value.Day, anonymous.Path));
        Assert.Equal("/a b _ i r c", Transfer("Wed Apr 01 09:00:10 2026 1 h 100 /a b _ i r c b _ o r u ftp 0 *").Path);
        Assert.False(XferlogLine.TryDecode("Wed Apr 31 09:00:10 2026 1 h 100 /a b _ o r u ftp 0 * c"u8, out _, out var reason));
        Assert.Contains("date", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_make_the_decoders_throw()
    {
        byte[][] samples =
        [
            .. File.ReadAllLines(Capture.PathOf("proftpd/s15_site.jsonl")).Select(Encoding.UTF8.GetBytes), Encoding.UTF8.GetBytes(File.ReadAllLines(Capture.PathOf("proftpd/xferlog_fifo.txt"))[0]),
            Encoding.UTF8.GetBytes(ProftpdLogLine.LogFormat + "\tx\ty\n"),
        ];
        var random = new Random(13);
        for (var i = 0; i < 30_000; i++)
        {
            var bytes = (byte[])samples[random.Next(samples.Length)].Clone();
            for (var damage = random.Next(0, 5); damage > 0; damage--)
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)"\"{}:,\t\\\u001f9"[random.Next(9)] : (byte)random.Next(256);
            var part = bytes.AsSpan(0, random.Next(bytes.Length + 1));
            if (ProftpdKafkaJson.TryDecode(part, out var message, out var reason) || ProftpdLogLine.TryDecode(part, out message, out reason))
                _ = ProftpdEvents.OfMessage(message, Now, message.Server, "pro");
            else
                Assert.False(string.IsNullOrEmpty(reason));
            if (XferlogLine.TryDecode(part, out var line, out _))
                _ = ProftpdEvents.OfLine(line, Now, "h", "x", TimeZoneInfo.Utc);
        }
    }

    private static ProftpdMessage Of(int session, DateTimeOffset time) => Decoded(
        $$"""{"ENV:UNIQUE_ID":"{{session}}","epoch":{{time.ToUnixTimeSeconds()}},"microsecs":{{time.Ticks % TimeSpan.TicksPerSecond / 10}},"command":"NOOP"}""");

    private static List<ProftpdMessage> Messages(string capture) => [.. File.ReadAllLines(Capture.PathOf($"proftpd/{capture}.jsonl")).Select(Decoded)];

    private static List<FtpEvent> Events(List<ProftpdMessage> messages)
    {
        var order = new ProftpdOrder<int>(TimeSpan.FromSeconds(1), 1000, byTime: true);
        for (var i = 0; i < messages.Count; i++)
            order.Add(Now, messages[i], i);
        return [.. order.Take(DateTimeOffset.MaxValue).Select(m => ProftpdEvents.OfMessage(m.Message!, Now, m.Message!.Server, "pro")).OfType<FtpEvent>()];
    }

    private static ProftpdMessage Decoded(string json)
    {
        Assert.True(ProftpdKafkaJson.TryDecode(Encoding.UTF8.GetBytes(json), out var message, out var reason), reason);
        return message;
    }

    private static ProftpdMessage Logged(string line)
    {
        Assert.True(ProftpdLogLine.TryDecode(Encoding.UTF8.GetBytes(line), out var message, out var reason), reason);
        return message;
    }

    private static FtpEvent Transfer(string text)
    {
        Assert.True(XferlogLine.TryDecode(Encoding.UTF8.GetBytes(text), out var line, out var reason), reason);
        return ProftpdEvents.OfLine(line, Now, "h", "x", TimeZoneInfo.Utc);
    }

    private static string Told(FtpEvent e)
    {
        var status = e.Kind == EventKind.Login ? "" : $" {Names.Of(e.Status)}";
        var bytes = e.Kind is EventKind.Upload or EventKind.Download && e.Bytes is { } n ? $" {n}" : "";
        var path = e.Path is null && e.PathTo is null ? "" : $" {e.Path}" + (e.PathTo is { } to ? $" > {to}" : "");
        return (Names.Of(e.Kind) + status + path + bytes).Replace(Home, "~", StringComparison.Ordinal);
    }
}
