using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.Stored;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Protocol.Tests;

public sealed class EventBytesTests
{
    // Written by version 1. They must stay readable for ever.
    private const string OldBytes =
        "FFFF0109354F57F65E470600036822310373726300B13DF65E4706000173025331047A6FC3AB03614062033A3A31062F615C784646072F6220F09F98"
        + "80FFFFFFFFFFFFFF7F000000000000D03F06FF0F024D5602000178166162636465666768696A6B6C6D6E6F70717273747576";

    private static readonly FtpEvent OldEvent = new()
    {
        ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(678901), Time = new DateTimeOffset(2026, 1, 2, 3, 4, 4, TimeSpan.Zero),
        Kind = EventKind.Rename, Host = "h\"1", Source = "src", Service = "s", Session = "S1", User = "zoë", Email = "a@b", RemoteHost = "::1", Path = @"/a\xFF",
        PathTo = "/b 😀", Bytes = long.MaxValue, Seconds = 0.25, Status = EventStatus.NotFound, Flags = (EventFlags)((1 << 11) - 1), Type = "MV", Extra = ["", "x"],
        Fingerprint = "abcdefghijklmnopqrstuv",
    };

    private static readonly Gen<string> Names = Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().Select(bytes => ReversibleText.FromBytes(bytes));

    private static readonly Gen<DateTimeOffset> Times = Gen.Choose(-2_000_000_000, 2_000_000_000).Two()
        .Select(t => DateTimeOffset.UnixEpoch.AddSeconds(t.Item1).AddMicroseconds(t.Item2));

    private static readonly Gen<FtpEvent> Events =
        from received in Times
        from time in Gen.OneOf(Gen.Constant((DateTimeOffset?)null), Times.Select(t => (DateTimeOffset?)t))
        from kind in Gen.Elements(Enum.GetValues<EventKind>())
        from status in Gen.Elements(Enum.GetValues<EventStatus>())
        from flags in Gen.Choose(0, (1 << 14) - 1)
        from texts in Names.ArrayOf(12)
        from absent in Gen.Choose(0, 1).Select(b => b == 1).ArrayOf(7)
        from extra in Names.ArrayOf()
        from numbers in ArbMap.Default.GeneratorFor<(long?, double?)>()
        select new FtpEvent
        {
            ReceivedAt = received, Time = time, Kind = kind, Host = texts[0], Source = texts[1], Service = texts[2], User = texts[3], RemoteHost = texts[4],
            Session = absent[0] ? null : texts[5], Email = absent[1] ? null : texts[6], Path = absent[2] ? null : texts[7], PathTo = absent[3] ? null : texts[8],
            Type = absent[4] ? null : texts[9], Fingerprint = absent[5] ? null : texts[10], Extra = extra.Length == 0 ? null : extra, PathFrom = absent[6] ? null : texts[11],
            Bytes = numbers.Item1, Seconds = numbers.Item2, Status = status, Flags = (EventFlags)flags,
        };

    [Fact]
    public void Any_event_comes_back_from_its_bytes() =>
        Prop.ForAll(Events.ToArbitrary(), e => IsSame(e, Read(Bytes(e)))).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void All_kinds_of_traffic_come_back_from_their_bytes() => Assert.All(
        TrafficPlan.Make(new TrafficOptions { Sessions = 200, Seed = 3 }).Messages.Select(m => Wire.Event(m.Bytes)), e => Assert.True(IsSame(e, Read(Bytes(e)))));

    [Fact]
    public void The_bytes_of_the_first_version_stay_readable_and_are_still_written()
    {
        Assert.Equal(OldBytes, Convert.ToHexString(Bytes(OldEvent)));
        Assert.True(IsSame(OldEvent, Read(Convert.FromHexString(OldBytes))));
    }

    [Fact]
    public void Bytes_that_are_cut_are_no_event_and_no_exception() => Prop.ForAll(Events.ToArbitrary(), e =>
    {
        var bytes = Bytes(e);
        return Enumerable.Range(0, bytes.Length).All(n => Read(bytes[..n]) is null);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Any_bytes_at_all_are_read_without_an_exception() =>
        Prop.ForAll(Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf().ToArbitrary(), bytes => Read(bytes) is null || bytes.Length > 12).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Any_flipped_bit_of_a_sealed_row_is_found()
    {
        var row = new byte[SealedBytes.HeaderLength + 77];
        new Random(1).NextBytes(row);
        SealedBytes.Seal(row, 1);
        Assert.True(SealedBytes.TryOpen(row, 1, out var version, out var content, out _));
        Assert.Equal((1, 77), (version, content.Length));
        for (var bit = 0; bit < row.Length * 8; bit++)
        {
            row[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(SealedBytes.TryOpen(row, 255, out _, out _, out var damage), $"bit {bit}");
            Assert.Contains("checksum", damage, StringComparison.Ordinal);
            row[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        for (var n = 0; n < row.Length; n++)
            Assert.False(SealedBytes.TryOpen(row.AsSpan(0, n), 1, out _, out _, out _), $"cut at {n}");
        SealedBytes.Seal(row, 2);
        Assert.False(SealedBytes.TryOpen(row, 1, out _, out _, out var newer));
        Assert.Contains("newer program", newer, StringComparison.Ordinal);
    }

    private static byte[] Bytes(FtpEvent e)
    {
        var output = new ArrayBufferWriter<byte>();
        EventBytes.Write(output, e);
        return output.WrittenSpan.ToArray();
    }

    private static FtpEvent? Read(byte[] bytes)
    {
        var reader = new ByteReader(bytes);
        var e = EventBytes.Read(ref reader);
        return reader is { IsGood: true, IsAtEnd: true } ? e : null;
    }

    private static bool IsSame(FtpEvent a, FtpEvent? b) =>
        b is not null && (a.Extra ?? []).SequenceEqual(b.Extra ?? []) && (a.Extra is null) == (b.Extra is null) && (a with { Extra = null }) == (b with { Extra = null });
}
