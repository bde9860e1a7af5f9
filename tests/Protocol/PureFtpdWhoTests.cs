using System.Text;
using System.Xml;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Protocol.Tests;

/// <summary>Our lines beside those that the real pure-ftpwho printed of the captured scoreboard, five seconds after its sessions began.</summary>
public sealed class PureFtpdWhoTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1795221030);

    // The order in which the original found the files.
    private static readonly List<FtpwhoRow> Captured =
        [.. new[] { 27712, 27708, 27696, 27709, 27714, 27704, 27700, 27702 }.Select(pid => FtpwhoRow.Of(Decode(Capture.Read($"pure-ftpd/client-{pid:00000000}")), Now)!)];

    // The others were taken without -n: one machine, whose name is localhost.
    private static readonly List<FtpwhoRow> Resolved = [.. Captured.Select(r => r with { Peer = "localhost", LocalHost = "localhost" })];

    [Fact]
    public void The_shell_lines_are_byte_for_byte_those_of_the_original() =>
        Assert.Equal(Encoding.UTF8.GetString(Capture.Read("pure-ftpd/ftpwho/running-n-s.txt")), Encoding.UTF8.GetString(FtpwhoFormat.Shell.Write(Captured)));

    [Fact]
    public void The_XML_is_that_of_the_original_but_for_its_encoding()
    {
        var (ours, theirs) = (Read(FtpwhoFormat.Xml.Write(Captured)), ReadOriginal("running-n-x.txt"));
        Assert.True(XNode.DeepEquals(theirs.Root, ours.Root), ours.ToString());
        Assert.Equal("UTF-8", ours.Declaration!.Encoding);
    }

    [Fact]
    public void The_property_list_is_that_of_the_original_but_for_its_encoding()
    {
        var (ours, theirs) = (Read(FtpwhoFormat.Plist.Write(Resolved)), ReadOriginal("running-p.txt"));
        Assert.True(XNode.DeepEquals(theirs.Root, ours.Root), ours.ToString());
        Assert.Equal(theirs.DocumentType!.PublicId, ours.DocumentType!.PublicId);
    }

    [Fact]
    public void The_table_of_the_page_is_that_of_the_original()
    {
        Assert.Equal(Cells(ReadOriginal("running-w.txt")), Cells(Read(FtpwhoFormat.Html.Write(Resolved))));
        Assert.Equal("<!DOCTYPE html>", Encoding.UTF8.GetString(FtpwhoFormat.Html.Head.Span)[..15]);
    }

    [Fact]
    public void Uploads_are_printed_as_the_original_prints_them()
    {
        FtpwhoRow[] uploads =
        [
            Upload(28128, "alice", LongName(), 12000, 0, 6), Upload(28122, "bob", "slow.bin", 300000, 0, 6),
            Upload(28120, "alice", "up &<x>'\"|ż tail.bin", 290000, 0, 6), Upload(28126, "alice", "plain.txt", 290003, 3, 6),
        ];
        Assert.Equal(
            Encoding.UTF8.GetString(Capture.Read("pure-ftpd/ftpwho/upload-s.txt")), Encoding.UTF8.GetString(FtpwhoFormat.Shell.Write(uploads)));
        Assert.True(XNode.DeepEquals(ReadOriginal("upload-p.txt").Root, Read(FtpwhoFormat.Plist.Write(uploads)).Root));
    }

    [Theory]
    [InlineData("\"><script>alert('x')</script>&amp;", "\"><script>alert('x')</script>&amp;")]
    [InlineData("' onload='x", "' onload='x")]
    [InlineData(@"caf\xE9|\\x", @"caf\xE9|\\x")]
    [InlineData(@"DOMAIN\\user", @"DOMAIN\user")]
    [InlineData("a\u0001b\n\t\u007F\u0085c\uFFFE\uFFFF", "a?b????c??")]
    [InlineData(@"nul\x00", "nul?")]
    [InlineData("日本 ż 𝄞", "日本 ż 𝄞")]
    [InlineData(" two  spaces ", " two  spaces ")]
    public void A_hostile_name_stays_inside_its_place(string name, string shown)
    {
        FtpwhoRow[] rows = [Upload(1, name, name, 5000, 0, 5) with { Peer = name, LocalHost = name }];
        var client = Assert.Single(Read(FtpwhoFormat.Xml.Write(rows)).Root!.Elements());
        Assert.Equal(
            ["pid", "account", "time", "state", "file", "host", "localhost", "localport", "resume", "current_size", "bandwidth"],
            client.Attributes().Select(a => a.Name.LocalName));
        Assert.Equal([shown, shown, shown, shown], new[] { "account", "file", "host", "localhost" }.Select(a => client.Attribute(a)!.Value));

        var values = Read(FtpwhoFormat.Plist.Write(rows)).Descendants("string").Select(s => s.Value).ToList();
        Assert.Equal((shown, shown, shown, shown), (values[1], values[4], values[5], values[6]));

        var cells = Cells(Read(FtpwhoFormat.Html.Write(rows)));
        Assert.Equal(["1", shown, "00:00", " UL ", shown, shown, "4 (0 KB/s)", shown + ":2421"], cells.TakeLast(8));
    }

    [Fact]
    public void XML_property_list_and_page_are_well_formed_whatever_the_names_are() =>
        Prop.ForAll<byte[], string>((bytes, text) =>
        {
            FtpwhoRow[] rows = [Upload(1, ReversibleText.FromBytes(bytes), text ?? "", 1, 0, 1)];
            return Read(FtpwhoFormat.Xml.Write(rows)).Root!.Elements().Count() == 1
                && Read(FtpwhoFormat.Plist.Write(rows)).Descendants("key").Count() == 12
                && Cells(Read(FtpwhoFormat.Html.Write(rows))).Count == 16;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_name_comes_back_from_the_shell_line_with_its_control_bytes_as_underscores() =>
        Prop.ForAll<byte[], byte[]>((account, file) =>
        {
            var line = FtpwhoFormat.Shell.Row(Upload(7, ReversibleText.FromBytes(account), ReversibleText.FromBytes(file), 2048, 0, 1));
            var fields = Fields(line);
            return fields.Count == 12 && fields[1].SequenceEqual(WithoutControl(account)) && fields[4].SequenceEqual(WithoutControl(file));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bars_and_backslashes_and_bytes_that_are_no_UTF_8_are_escaped_as_measured()
    {
        byte[] name = [(byte)'|', (byte)'\\', 0xE9, 0x85, 0x0A, 0x7F, (byte)'z'];
        var fields = Fields(FtpwhoFormat.Shell.Row(Upload(7, "u", ReversibleText.FromBytes(name), 0, 0, 1)));
        Assert.Equal([(byte)'|', (byte)'\\', 0xE9, 0x85, (byte)'_', (byte)'_', (byte)'z'], fields[4]);
        Assert.Contains("|\\|\\\\", Encoding.Latin1.GetString(FtpwhoFormat.Shell.Row(Upload(7, "u", ReversibleText.FromBytes(name), 0, 0, 1))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1000, 0)]
    [InlineData(5, 1000, 1)]
    [InlineData(46_875, 100_000, 47)]
    [InlineData(2000, 1000, 100)]
    [InlineData(long.MaxValue, long.MaxValue, 100)]
    public void The_percentage_is_rounded_and_ends_at_100(long current, long total, int percent) =>
        Assert.Equal(percent, new FtpwhoRow { CurrentSize = current, TotalSize = total }.Percent);

    [Fact]
    public void Entries_that_the_server_has_not_filled_or_has_freed_have_no_row()
    {
        var entry = Decode(Capture.Read("pure-ftpd/client-00027700"));
        Assert.Null(FtpwhoRow.Of(entry with { State = ScoreboardState.Free }, Now));
        Assert.Null(FtpwhoRow.Of(entry with { Peer = null }, Now));
        Assert.Equal(0, FtpwhoRow.Of(entry, entry.TransferStartedAt)!.BytesPerSecond);
    }

    [Theory]
    [InlineData("6b00e621.6c34", 1795221025, 27700)]
    [InlineData("0.1", 0, 1)]
    public void A_session_s_name_tells_its_start_and_its_process(string id, long start, int pid)
    {
        Assert.True(PureFtpdSession.TryParse(id, out var startedAt, out var found));
        Assert.Equal((start, pid), (startedAt.ToUnixTimeSeconds(), found));
        Assert.Equal(id, PureFtpdSession.Id(startedAt, found));
    }

    [Theory]
    [InlineData("")]
    [InlineData("6b00e621")]
    [InlineData(".")]
    [InlineData("6b00e621.")]
    [InlineData("6b00e621.0")]
    [InlineData("6b00e621.ffffffff")]
    [InlineData("-1.1")]
    [InlineData("7fffffffffffffff.1")]
    [InlineData("ffffffffffffffff.1")]
    [InlineData("W2xbXq@AAEAAGhkAAAAA.x")]
    public void Another_server_s_session_is_no_process(string id) => Assert.False(PureFtpdSession.TryParse(id, out _, out _));

    private static FtpwhoRow Upload(int pid, string account, string file, long current, long restartAt, long seconds) => new()
    {
        Pid = pid, Account = account, Seconds = seconds, State = ScoreboardState.Upload, File = file, Peer = "localhost", LocalHost = "localhost",
        LocalPort = 2421, RestartAt = restartAt, CurrentSize = current, BytesPerSecond = FtpwhoRow.Rate(current, restartAt, seconds),
    };

    private static ScoreboardEntry Decode(byte[] file)
    {
        Assert.True(ScoreboardEntry.TryDecode(file, out var entry, out var reason), reason);
        return entry;
    }

    private static string LongName() => Encoding.UTF8.GetString(Fields([.. Capture.Read("pure-ftpd/ftpwho/upload-s.txt").TakeWhile(b => b != '\n'), (byte)'\n'])[4]);

    private static byte[] WithoutControl(byte[] name) => [.. name.Select(b => b is < 0x20 or 0x7F ? (byte)'_' : b)];

    // As a script has to: only a bar without a backslash before it divides.
    private static List<byte[]> Fields(byte[] line)
    {
        Assert.Equal((byte)'\n', line[^1]);
        var fields = new List<byte[]>();
        var field = new List<byte>();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] is (byte)'|' or (byte)'\n')
            {
                fields.Add([.. field]);
                field.Clear();
                continue;
            }
            if (line[i] == '\\')
                i++;
            field.Add(line[i]);
        }
        return fields;
    }

    private static List<string> Cells(XDocument page) => [.. page.Descendants().Where(e => e.Name.LocalName is "th" or "td").Select(e => e.Value)];

    // The original's are UTF-8 and say that they are not; and without the DTD &nbsp; has no meaning to an XML reader.
    private static XDocument ReadOriginal(string capture) => Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Capture.Read("pure-ftpd/ftpwho/" + capture))
        .Replace("ISO-8859-15", "UTF-8", StringComparison.Ordinal).Replace("&nbsp;", "&#160;", StringComparison.Ordinal)));

    private static XDocument Read(byte[] document)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse, XmlResolver = null };
        using var reader = XmlReader.Create(new MemoryStream(document), settings);
        return XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }
}
