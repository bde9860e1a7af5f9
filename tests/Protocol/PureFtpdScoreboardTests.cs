using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Protocol.Tests;

public partial class PureFtpdScoreboardTests
{
    private static readonly ScoreboardEntry Sample = new()
    {
        State = ScoreboardState.Upload, Pid = 27700, StartedAt = DateTimeOffset.FromUnixTimeSeconds(1795221025),
        TransferStartedAt = DateTimeOffset.FromUnixTimeSeconds(1795221030), RestartAt = 5, TotalSize = 1L << 40, CurrentSize = (1L << 40) + 1,
        Peer = new IPEndPoint(IPAddress.Parse("2001:db8::1"), 50001), Local = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 21),
        Account = "carol@ex.org", File = @"a|b \xFF.bin",
    };

    [Fact]
    public void The_files_of_the_real_server_are_read_as_its_own_reader_reads_them()
    {
        var seen = 0;
        foreach (var line in File.ReadLines(Capture.PathOf("pure-ftpd/scoreboard-live.decoded.txt")))
        {
            var m = DecodedLine().Match(line);
            Assert.True(m.Success, line);
            Assert.True(ScoreboardEntry.TryDecode(Capture.Read("pure-ftpd/" + m.Groups["file"].Value), out var entry, out var reason), reason);
            string Text(string name) => m.Groups[name].Value;
            long Whole(string name) => long.Parse(Text(name), CultureInfo.InvariantCulture);
            Assert.Equal(Text("state"), entry.State.ToString().ToUpperInvariant());
            Assert.Equal(Whole("pid"), entry.Pid);
            Assert.Equal(IPEndPoint.Parse(Text("peer")), entry.Peer);
            Assert.Equal(IPEndPoint.Parse(Text("local")), entry.Local);
            Assert.Equal(Whole("date"), entry.StartedAt.ToUnixTimeSeconds());
            Assert.Equal(Whole("xfer"), entry.TransferStartedAt.ToUnixTimeSeconds());
            Assert.Equal((Whole("restartat"), Whole("total"), Whole("current")), (entry.RestartAt, entry.TotalSize, entry.CurrentSize));
            Assert.Equal((Text("account"), Text("name")), (entry.Account, entry.File));
            Assert.Equal(Text("account") != "?", entry.IsLoggedIn);
            seen++;
        }
        Assert.Equal(8, seen);
    }

    [Theory]
    [InlineData(1464, 128)]
    [InlineData(1456, 127)]
    [InlineData(3504, 127)]
    public void Every_layout_is_read_by_its_length_with_its_longest_names(int length, int account)
    {
        var layout = ScoreboardLayout.OfLength(length)!;
        var expected = Sample with { Account = new string('u', account), File = new string('f', length == 3504 ? 3071 : 1023) };
        var file = expected.Encode(layout);
        Assert.Equal(length, file.Length);
        Assert.True(ScoreboardEntry.TryDecode(file, out var entry, out var reason), reason);
        Assert.Equal(expected, entry);
        Assert.Equal("6b00e621.6c34", entry.Session);
    }

    [Fact]
    public void A_name_without_its_terminator_ends_with_its_field()
    {
        // What 1.0.50 leaves of an argument of 1024 bytes and more: the whole field, without a NUL.
        var file = Sample.Encode(ScoreboardLayout.Debian);
        file.AsSpan(433, 1024).Fill((byte)'x');
        file.AsSpan(1457).Fill((byte)'y');
        Assert.True(ScoreboardEntry.TryDecode(file, out var entry, out _));
        Assert.Equal(new string('x', 1024), entry.File);
        Assert.Equal(Sample.Account, entry.Account);
    }

    [Fact]
    public void An_entry_that_the_server_has_only_just_made_is_free() =>
        Assert.True(ScoreboardEntry.TryDecode(new byte[1464], out var entry, out _) && entry is { State: ScoreboardState.Free, Pid: 0, Peer: null, IsLoggedIn: false });

    [Theory]
    [InlineData(0, 4, "state 4")]
    [InlineData(7, 0xFF, "pid")]
    [InlineData(8, 77, "client address has family 77")]
    [InlineData(136, 77, "local address has family 77")]
    [InlineData(270, 1, "time")]
    public void What_cannot_be_is_refused_with_a_reason(int at, byte value, string reason)
    {
        var file = Sample.Encode(ScoreboardLayout.Debian);
        file[at] = value;
        Assert.False(ScoreboardEntry.TryDecode(file, out _, out var said));
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_length_is_refused() => Assert.All([0, 1, 1455, 1463, 1465, 4096], length =>
    {
        Assert.False(ScoreboardEntry.TryDecode(new byte[length], out _, out var reason));
        Assert.Contains("1464, 1456 or 3504", reason, StringComparison.Ordinal);
    });

    [Fact]
    public void No_bytes_make_the_decoder_throw() =>
        Prop.ForAll(Gen.Elements(1464, 1456, 3504).ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (length, seed) =>
        {
            var random = new Random(seed);
            var file = new byte[length];
            random.NextBytes(file);
            Same(file);
            // Mostly right, so that the later members are reached.
            var near = Sample.Encode(ScoreboardLayout.OfLength(length)!);
            for (var i = 0; i < 40; i++)
                near[280 + random.Next(length - 280)] = (byte)random.Next(256);
            Assert.True(Same(near));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static bool Same(byte[] file)
    {
        if (!ScoreboardEntry.TryDecode(file, out var entry, out var reason))
        {
            Assert.False(string.IsNullOrEmpty(reason));
            return false;
        }
        Assert.True(ScoreboardEntry.TryDecode(entry.Encode(ScoreboardLayout.OfLength(file.Length)!), out var again, out _));
        Assert.Equal(entry, again);
        return true;
    }

    [GeneratedRegex(@"^(?<file>client-\d+) size \d+ state (?<state>\w+) pid (?<pid>\d+) peer inet (?<peer>\S+) local inet (?<local>\S+) date (?<date>\d+) xfer_date (?<xfer>\d+) restartat (?<restartat>\d+) total (?<total>\d+) current (?<current>\d+) account b'(?<account>.*?)' filename \d+ b'(?<name>.*?)' pad ")]
    private static partial Regex DecodedLine();
}
