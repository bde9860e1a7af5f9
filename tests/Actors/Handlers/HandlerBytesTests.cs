using Akka.Actor;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Stored;
using FtpActors.Protocol;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests.Handlers;

public sealed class HandlerBytesTests : IDisposable
{
    // Written by version 1. They must stay readable for ever.
    private const string OldRow =
        "0140E3B461070210303031313232333334343535363661610268310140F34CF65E4706000203AA080028F74CF65E4706000466747031047465737404"
        + "7369746504616E6E610831302E302E302E310106EA080310FB4CF65E47060004667470310474657374047369746504616E6E610831302E302E302E31"
        + "052F5C7846460110666665656464636362626161393938380268320000";

    private readonly ActorSystem _system = ActorSystem.Create("bytes");
    private readonly HandlerSerializer _serializer;

    public HandlerBytesTests() => _serializer = new HandlerSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Dispose();

    public static TheoryData<string> Kinds => [.. Things.Keys];

    private static readonly NewDelivery Owed = new("r/s-1", "r", "upload", "s-1", true, "h\"1", "{\"kind\":\"upload\"}", Start, "replay-1");

    private static readonly DeliveryTry Try = new(3, 1, "n1", Start, Start.AddSeconds(1), false, 4, "no\nluck", "out", "put");

    private static readonly Dictionary<string, object> Things = new(StringComparer.Ordinal)
    {
        ["events"] = new EventsTaken(
            7, [new SpoolPart("00112233445566aa", "h1", Start, [new("00112233445566aa", 3, Event(EventKind.Login, 1)), new("00112233445566aa", 9, Event(EventKind.Upload, 2, path: "/\\xFF"))]),
                new SpoolPart("ffeeddccbbaa9988", "h2", null, [])]),
        ["planned"] = new DeliveriesPlanned(5, Start, [Owed, Owed with { Session = null, OnHost = null, Replay = null }], new ReplayPlace("replay-1", 1L << 62)),
        ["tried"] = new DeliveryTried(17, DeliveryState.Dead, 1, 2, Start, Try, [Owed]),
        ["ordered"] = new DeliveriesOrdered(DeliveryOrder.Drop, Start, [1, 18, 35]),
        ["snapshot"] = Snapshot(),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Everything_in_a_handlers_journal_comes_back_from_its_bytes(string kind)
    {
        var thing = Things[kind];
        var bytes = _serializer.ToBinary(thing);
        var again = _serializer.FromBinary(bytes, _serializer.Manifest(thing));
        Assert.IsType(thing.GetType(), again);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(_serializer.ToBinary(again)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flipped_bit_or_a_cut_makes_a_damaged_row_and_no_exception(string kind)
    {
        var thing = Things[kind];
        var (bytes, manifest) = (_serializer.ToBinary(thing), _serializer.Manifest(thing));
        for (var bit = 0; bit < bytes.Length * 8; bit += 3)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.IsType<DamagedRow>(_serializer.FromBinary(flipped, manifest));
        }
        for (var length = 0; length < bytes.Length; length += 5)
            Assert.IsType<DamagedRow>(_serializer.FromBinary(bytes[..length], manifest));
        Assert.Contains("not known", Assert.IsType<DamagedRow>(_serializer.FromBinary(bytes, "xx")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bytes_of_the_first_version_stay_readable_and_are_still_written()
    {
        Assert.Equal(OldRow, Convert.ToHexString(_serializer.ToBinary(Things["events"])));
        Assert.Equal(2, Assert.IsType<EventsTaken>(_serializer.FromBinary(Convert.FromHexString(OldRow), "et")).Parts.Count);
    }

    // After a play with everything a snapshot can hold: events that wait, messages that are remembered, open sessions with files, deliveries of all kinds.
    private static HandlerSnapshot Snapshot()
    {
        var state = new HandlerState(1, 4, new ShardOptions());
        var sessions = new RecoveringSessions();
        var row = 0L;
        foreach (var user in Enumerable.Range(0, 5).Select(i => $"user{i}"))
        {
            StoredEvent[] events =
            [
                new("00112233445566aa", (row * 10) + 1, Event(EventKind.Login, row, user, udp: true)),
                new("00112233445566aa", (row * 10) + 2, Event(EventKind.Upload, row, user, path: "/a", bytes: 5, udp: true)),
                new("00112233445566aa", (row * 10) + 3, Event(EventKind.Logout, row, "other" + user, udp: true)),
            ];
            sessions.Do(state.Apply(++row, new EventsTaken(row - 1, [new SpoolPart("00112233445566aa", "ftp1", Start, events)])), keepFiles: true);
        }
        var planned = new DeliveriesPlanned(row, Start, [Owed, Owed, Owed], new ReplayPlace("replay-1", 4));
        var made = state.Deliveries.Apply(planned);
        state.Note(planned);
        state.Deliveries.Apply(new DeliveryTried(made[0].Id, DeliveryState.Dead, 0, 1, Start, Try, []));
        return state.Snapshot([.. sessions.Open]);
    }
}
