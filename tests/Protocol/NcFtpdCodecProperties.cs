using System.Buffers;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Protocol.Tests;

/// <summary>What holds for every message, searched with generated ones.</summary>
public class NcFtpdCodecProperties
{
    private static readonly string[] Types =
        ["UPLOAD", "DOWNLOAD", "LOGIN", "LOGOUT", "LISTING", "LIST", "DELETE", "MKDIR", "RMDIR", "RENAME", "SYMLINK", "CHMOD", "FAILEDAUTH", "upload", "WARP"];

    /// <summary>Any bytes but a line feed, short enough that a message of sixteen tokens fits; often ordinary, often hostile.</summary>
    private static readonly Gen<string> Token =
        from bytes in Gen.OneOf(
            Gen.Choose(0, 255).Where(b => b != '\n').ListOf(),
            Gen.Elements<int>('/', 'a', '\\', 'x', '0', ' ', '"', '\'', 0xC3, 0xBC, 0xF0, 0x9F, 0x98, 0x80, 0).ListOf())
        select ReversibleText.FromBytes([.. bytes.Take(40).Select(b => (byte)b)]);

    private static readonly Gen<double> Thousandths =
        Gen.OneOf(Gen.Choose(0, int.MaxValue).Select(n => n / 1000.0), Gen.Choose(1, 1000).Select(n => 1.0 / (n * 7)));

    private static readonly Gen<NcFtpdMessage> Messages =
        from type in Gen.Elements(Types)
        from common in Token.ListOf(5)
        from own in Token.ListOf(6)
        from bytes in Gen.Choose(0, int.MaxValue).Select(n => (long)n << 31)
        from seconds in Thousandths
        from rate in Thousandths
        from start in Gen.Choose(0, int.MaxValue)
        from unknown in Gen.Elements(true, false)
        from extra in Gen.OneOf(Gen.Constant<List<string>>([]), Token.ListOf(2).Select(l => l.ToList()))
        select OfType(type, common, own, extra) switch
        {
            { StartedAt: null } m => m,
            var m => m with
            {
                Bytes = unknown ? null : bytes, Seconds = seconds, Rate = rate, StartedAt = DateTimeOffset.FromUnixTimeSeconds(start),
            },
        };

    [Fact]
    public void Decoding_what_was_encoded_gives_the_same_message() =>
        Prop.ForAll(Messages.ToArbitrary(), expected =>
        {
            var bytes = NcFtpdEncoder.Encode(expected);
            var actual = Wire.Decoded(bytes);
            Assert.False(actual.Flags.HasFlag(EventFlags.LengthMismatch));
            Assert.False(actual.Flags.HasFlag(EventFlags.Short));
            Assert.Equal(bytes.AsSpan().Contains((byte)0), actual.Flags.HasFlag(EventFlags.EmbeddedNul));
            Assert.Equal(bytes.Length - 8, actual.DeclaredLength);
            Wire.Same(expected, actual with { Flags = EventFlags.None, DeclaredLength = 0 });
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void No_bytes_make_the_codec_throw() =>
        Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().ToArbitrary(), bytes =>
        {
            Exercise(bytes);
            Exercise([.. "STR\n 50\n"u8, .. bytes]);
            Exercise([.. "STR\n 50\nUPLOAD\n"u8, .. bytes]);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void No_damage_to_a_message_makes_the_codec_throw()
    {
        var originals = TrafficPlan.Make(new TrafficOptions { Sessions = 30, Seed = 7 }).Messages.Select(m => m.Bytes).ToList();
        var random = new Random(42);
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = (byte[])originals[random.Next(originals.Count)].Clone();
            for (var damage = random.Next(1, 6); damage > 0; damage--)
                bytes[random.Next(bytes.Length)] = random.Next(3) == 0 ? (byte)'\n' : (byte)random.Next(256);
            Exercise(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length + 1)));
        }
    }

    [Fact]
    public void Every_cut_of_a_message_is_refused_or_flagged()
    {
        var whole = Wire.Of("UPLOAD", "/f", "4570", "0.020", "227.408", "", "OK", "I", "Ps", "1001169129");
        for (var length = 0; length < whole.Length; length++)
        {
            if (NcFtpdDecoder.TryDecode(whole.AsSpan(0, length), out var message, out _))
                Assert.True(message.Flags.HasFlag(EventFlags.Truncated), $"cut at {length}");
        }
    }

    [Fact]
    public void What_the_format_cannot_carry_is_refused_by_the_encoder()
    {
        var login = new NcFtpdMessage { Type = "LOGIN" };
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { Type = "" }));
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { User = "a\nb" }));
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { User = @"a\x0Ab" }));
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { User = new string('u', 2000) }));
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { Type = "UPLOAD", Bytes = -5 }));
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { Type = "UPLOAD", Seconds = double.NaN }));

        // LOGIN and five line feeds are eleven bytes of the 999.
        Assert.Equal(8 + 999, NcFtpdEncoder.Encode(login with { User = new string('u', 988) }).Length);
        Assert.Throws<ArgumentException>(() => NcFtpdEncoder.Encode(login with { User = new string('u', 989) }));
    }

    private static NcFtpdMessage OfType(string type, List<string> common, List<string> own, List<string> extra)
    {
        var message = new NcFtpdMessage
        {
            Type = type, User = common[0], Field3 = common[1], Email = common[2], Host1 = common[3], Host2 = common[4], Extra = extra,
        };
        return NcFtpdEvents.KindOf(type) switch
        {
            EventKind.Upload or EventKind.Download => message with
            {
                Path = own[0], Suffix = own[1], Status = own[2], TransferType = own[3], Notes = own[4], StartedAt = DateTimeOffset.UnixEpoch,
            },
            EventKind.List => message with { Path = own[0], Status = own[1], Pattern = own[2], Recursion = own[3] },
            EventKind.Delete or EventKind.Mkdir or EventKind.Rmdir => message with { Path = own[0] },
            EventKind.Rename or EventKind.Symlink => message with { Path = own[0], Middle = own[1], PathTo = own[2] },
            EventKind.Chmod => message with { Path = own[0], Mode = own[1] },
            _ => message,
        };
    }

    /// <summary>The whole way of a message's bytes: decode, event, both JSON forms, and back.</summary>
    private static void Exercise(ReadOnlySpan<byte> bytes)
    {
        if (!NcFtpdDecoder.TryDecode(bytes, out var message, out var reason))
        {
            Assert.False(string.IsNullOrEmpty(reason));
            return;
        }
        var e = NcFtpdEvents.ToEvent(message, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "h", "s");
        Assert.True(e.EndedAt is null || e.EndedAt >= e.Time);

        var output = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(output))
            NcFtpdJson.Write(json, message);
        using var parsed = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal(message.Type, parsed.RootElement.GetProperty("type").GetString());
        EventJsonTests.AssertRoundTrip(e);
    }
}
