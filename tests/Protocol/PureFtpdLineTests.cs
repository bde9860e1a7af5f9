using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Protocol.Tests;

/// <summary>The alternative log and the requests of the external authentication.</summary>
public partial class PureFtpdLineTests
{
    private static readonly Gen<string> Name =
        from bytes in Gen.Choose(0x21, 0xFF).Where(b => b is not (0x7F or '"')).NonEmptyListOf()
        select ReversibleText.FromBytes([.. bytes.Take(40).Select(b => (byte)b)]);

    private static readonly Gen<AltlogLine> Lines =
        from account in Name.Where(n => n != "-")
        from host in Gen.Elements("192.0.2.7", "2001:db8::1", "client.example.com", "")
        from path in Gen.Choose(1, 255).Where(b => b != '\n').NonEmptyListOf()
        from time in Gen.Choose(0, int.MaxValue)
        from bytes in Gen.Choose(0, int.MaxValue)
        from seconds in Gen.Choose(0, 100_000)
        from isUpload in Gen.Elements(true, false)
        select new AltlogLine
        {
            EndedAt = DateTimeOffset.FromUnixTimeSeconds(time), IsUpload = isUpload, Account = account, Host = host, Bytes = (long)bytes << 20,
            Path = "/" + ReversibleText.FromBytes([.. path.Select(b => (byte)b)]), Seconds = seconds, Session = "6b00e561.6c34",
        };

    [Fact]
    public void A_clf_line_of_the_real_server_is_read()
    {
        var line = Decoded("127.0.0.1 - alice [21/Nov/2026:00:25:22 -0000] \"PUT /srv/ftp/home/alice/with%20two%20%20spaces%FF.txt\" 200 5\n");
        Assert.Equal(new AltlogLine
        {
            EndedAt = new DateTimeOffset(2026, 11, 21, 0, 25, 22, TimeSpan.Zero), IsUpload = true, Account = "alice", Host = "127.0.0.1", Bytes = 5,
            Path = @"/srv/ftp/home/alice/with two  spaces\xFF.txt",
        }, line);
    }

    [Theory]
    [InlineData("-0200", "22:00:00")]
    [InlineData("+0530", "05:30:00")]
    public void The_offset_of_a_clf_line_has_the_sign_of_TZ(string offset, string utc) =>
        Assert.Equal(utc, Decoded($"h - u [21/Nov/2026:00:00:00 {offset}] \"GET /f\" 200 0").EndedAt.UtcDateTime.ToString("HH:mm:ss", null));

    [Fact]
    public void An_account_that_looks_like_the_rest_of_a_clf_line_fools_nobody()
    {
        var line = Decoded("h - x [01/Jan/2020:00:00:00 -0000] \"PUT /forged\" 200 9 [21/Nov/2026:00:25:22 -0000] \"GET /real\" 200 5");
        Assert.Equal(("/real", 5, false), (line.Path, line.Bytes, line.IsUpload));
        Assert.StartsWith("x [01/Jan/2020", line.Account, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stats_line_tells_the_session_and_keeps_spaces_of_account_and_path()
    {
        var line = Decoded("1795221122 6b00e561.6c34 sp ace 192.0.2.7 U 1000 3 /home/a  b c");
        Assert.Equal(new AltlogLine
        {
            EndedAt = DateTimeOffset.FromUnixTimeSeconds(1795221122), IsUpload = true, Account = "sp ace", Host = "192.0.2.7", Bytes = 1000, Seconds = 3,
            Path = "/home/a  b c", Session = PureFtpdSession.Id(DateTimeOffset.FromUnixTimeSeconds(1795220833), 27700),
        }, line);
    }

    [Fact]
    public void Decoding_what_was_encoded_gives_the_same_line() =>
        Prop.ForAll(Lines.ToArbitrary(), line =>
        {
            Assert.Equal(line, Decoded(AltlogStats.Encode(line)));
            Assert.Equal(line with { Seconds = null, Session = null }, Decoded(AltlogClf.Encode(line)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void No_bytes_make_the_decoders_throw()
    {
        var samples = new[]
        {
            AltlogStats.Encode(Lines.Sample(1).First()), AltlogClf.Encode(Lines.Sample(1).First()),
            "account:a\npassword:b\nlocalport:21\nend\n"u8.ToArray(), "h - u [21/Nov/2026:00:00:00 +0200] \"GET /f%41%\" 200 0"u8.ToArray(),
        };
        var random = new Random(11);
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = (byte[])samples[random.Next(samples.Length)].Clone();
            for (var damage = random.Next(0, 5); damage > 0; damage--)
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)" \n%:]\"-.9"[random.Next(9)] : (byte)random.Next(256);
            var part = bytes.AsSpan(0, random.Next(bytes.Length + 1));
            if (!AltlogLine.TryDecode(part, out _, out var reason))
                Assert.False(string.IsNullOrEmpty(reason));
            AuthRequest.TryDecode(part, out _, out _);
        }
    }

    [Fact]
    public void The_requests_of_the_real_server_are_read_in_any_split()
    {
        var seen = 0;
        foreach (var line in File.ReadLines(Capture.PathOf("pure-ftpd/extauth-requests.txt")))
        {
            var bytes = OfPythonBytes(line);
            for (var length = 0; length < bytes.Length; length++)
            {
                Assert.False(AuthRequest.TryDecode(bytes.AsSpan(0, length), out _, out var why));
                Assert.Null(why);
            }
            Assert.True(AuthRequest.TryDecode(bytes, out var request, out var reason), reason);
            Assert.Equal(("127.0.0.1", 2421, "127.0.0.1", "", false), (request.LocalHost, request.LocalPort, request.Peer, request.SniName, request.IsEncrypted));
            Assert.Contains($"account:{request.Account}\\n", line, StringComparison.Ordinal);
            if (request.Account == "ok")
                Assert.Equal("p:w é", Encoding.UTF8.GetString(request.Password));
            Assert.DoesNotContain("p:w", request.ToString(), StringComparison.Ordinal);
            seen++;
        }
        Assert.Equal(17, seen);
    }

    [Fact]
    public void A_request_without_an_end_or_with_a_bad_line_is_refused()
    {
        foreach (var (text, reason) in new[]
        {
            (new string('x', 4096), "no 'end'"), ("account:a\nnonsense\nend\n", "no key"), ("account:a\nend\n", "no password"),
            ("account:a\npassword:\nlocalport:70000\nend\n", "localport"),
        })
        {
            Assert.False(AuthRequest.TryDecode(Wire.Bytes(text), out _, out var said));
            Assert.Contains(reason, said, StringComparison.Ordinal);
        }
    }

    private static AltlogLine Decoded(string line) => Decoded(Wire.Bytes(line));

    private static AltlogLine Decoded(byte[] line)
    {
        Assert.True(AltlogLine.TryDecode(line, out var read, out var reason), reason);
        return read;
    }

    /// <summary>The bytes of a Python literal such as <c>b'a\n\xc3'</c> at the end of a line.</summary>
    private static byte[] OfPythonBytes(string line) => Wire.Bytes(
        Escape().Replace(line[(line.IndexOf("b'", StringComparison.Ordinal) + 2)..^1], m =>
            m.Value == @"\n" ? "\n" : ((char)Convert.ToInt32(m.Groups["hex"].Value, 16)).ToString()));

    [GeneratedRegex(@"\\n|\\x(?<hex>[0-9a-f]{2})")]
    private static partial Regex Escape();
}
