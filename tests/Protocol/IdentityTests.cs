using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace FtpActors.Protocol.Tests;

/// <summary>What stored data depends on: text forms, shard numbers, fingerprints. A change here is a change of the stored format.</summary>
public class IdentityTests
{
    [Fact]
    public void Any_bytes_survive_as_text() =>
        Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().ToArbitrary(), bytes =>
        {
            var text = ReversibleText.FromBytes(bytes);
            Assert.DoesNotContain('\0', text);
            Assert.Equal(bytes, ReversibleText.ToBytes(text));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Every_byte_and_every_pair_of_bytes_survives_as_text()
    {
        for (var pair = 0; pair < 65536; pair++)
        {
            byte[] bytes = [(byte)(pair >> 8), (byte)pair];
            Assert.Equal(bytes, ReversibleText.ToBytes(ReversibleText.FromBytes(bytes)));
            Assert.Equal(bytes[..1], ReversibleText.ToBytes(ReversibleText.FromBytes(bytes.AsSpan(0, 1))));
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("caf\u00C3\u00A9", "café")]
    [InlineData("caf\u00E9", @"caf\xE9")]
    [InlineData("a\0b", @"a\x00b")]
    [InlineData(@"a\b", @"a\\b")]
    [InlineData(@"\xFF", @"\\xFF")]
    [InlineData("\u00ED\u00A0\u0080", @"\xED\xA0\x80")]
    public void Text_forms_are_as_documented(string latin1, string text) => Assert.Equal(text, ReversibleText.FromBytes(Wire.Bytes(latin1)));

    // Computed by another program (FNV-1a in Python), not copied from this one.
    [Theory]
    [InlineData("h", "s", "u", "r", "", 60)]
    [InlineData("ftp1", "ftp.example.org", "anonymous", "10.0.0.1", "", 2)]
    [InlineData("ftp1", "", "", "", "1234-5678", 56)]
    [InlineData("", "", "", "", "", 34)]
    [InlineData("ftp1", "s", "zoë", "::1", "", 26)]
    public void Shards_of_keys_never_change(string host, string service, string user, string remote, string session, int shard) =>
        Assert.Equal(shard, new SessionKey(host, service, user, remote, session).Shard(64));

    [Fact]
    public void Keys_that_differ_only_in_where_a_field_ends_are_hashed_apart() =>
        Assert.NotEqual(new SessionKey("ab", "c", "", "", "").Shard(1 << 20), new SessionKey("a", "bc", "", "", "").Shard(1 << 20));

    [Fact]
    public void Sessions_spread_over_all_shards()
    {
        var counts = new int[16];
        for (var i = 0; i < 16_000; i++)
            counts[new SessionKey("ftp1", "s", "u", $"10.0.{i >> 8}.{i & 255}", "").Shard(16)]++;
        Assert.All(counts, c => Assert.InRange(c, 850, 1150));
    }

    [Fact]
    public void A_fingerprint_is_the_beginning_of_a_sha256_in_base64url()
    {
        var fingerprint = Fingerprint.Of("ab"u8, "cd"u8);
        var expected = Convert.ToBase64String(SHA256.HashData([2, 0, 0, 0, .. "abcd"u8])[..16]).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        Assert.Equal(expected, fingerprint);
        Assert.Equal(22, fingerprint.Length);
    }

    [Fact]
    public void A_fingerprint_tells_apart_sender_and_datagram()
    {
        var datagram = new byte[65_507];
        Assert.NotEqual(Fingerprint.Of("a"u8, "bc"u8), Fingerprint.Of("ab"u8, "c"u8));
        Assert.NotEqual(Fingerprint.Of("a"u8, datagram), Fingerprint.Of("b"u8, datagram));
        Assert.Equal(Fingerprint.Of("a"u8, datagram), Fingerprint.Of("a"u8, datagram));
    }
}
