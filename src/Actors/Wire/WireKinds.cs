using Akka.Serialization;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Lease;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Stored;
using FtpActors.Protocol.Shipping;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Wire;

/// <summary>All kinds of messages that nodes tell each other. A field is added at the end, by a new version; a manifest is never used again.</summary>
internal static class WireKinds
{
    public static IReadOnlyList<WireKind> All { get; } =
    [
        .. Events(),
        .. HandlerQuestions(),
        .. LoginSlots(),
        .. Hosts(),
        .. Api(),
    ];

    private static IEnumerable<WireKind> Events() =>
    [
        WireKind.Of<TakeEvents>("te",
            (output, m) =>
            {
                var to = new ByteWriter(output);
                to.Count((ulong)m.Handler);
                to.Text(m.Spool);
                to.Text(m.Host);
                to.Int64(m.Previous);
                to.TimeOrNull(m.Horizon);
                StoredEvents.Write(output, m.Events);
            },
            (ref from, _) =>
            {
                var (handler, spool, host, previous, horizon) = ((int)from.Count(), from.Text(), from.Text(), from.Int64(), from.TimeOrNull());
                return new TakeEvents(handler, spool, host, previous, StoredEvents.Read(ref from, spool), horizon);
            }),
        WireKind.Of<AskPosition>("ap", (to, m) => { to.Count((ulong)m.Handler); to.Text(m.Spool); }, (ref from) => new AskPosition((int)from.Count(), from.Text())),
        WireKind.Of<EventsStand>("es",
            (to, m) => { to.Count((ulong)m.Handler); to.Text(m.Spool); to.Int64(m.Seq); to.Flag(m.IsRefusal); },
            (ref from) => new EventsStand((int)from.Count(), from.Text(), from.Int64(), from.Flag())),
        WireKind.Of<EventsAreFresh>("ef", (_, _) => { }, (ref _) => EventsAreFresh.Instance),
    ];

    private static IEnumerable<WireKind> HandlerQuestions() =>
    [
        WireKind.Of<AskStatus>("as", (to, m) => to.Count((ulong)m.Handler), (ref from) => new AskStatus((int)from.Count())),
        WireKind.Of<HandlerStatus>("hs", StatusBytes.Write, StatusBytes.Read),
        WireKind.Of<AddDeliveries>("ad",
            (to, m) => { to.Count((ulong)m.Handler); to.List(m.Deliveries, DeliveryBytes.Write); WritePlace(to, m.Replay); },
            (ref from) => new AddDeliveries((int)from.Count(), from.List(DeliveryBytes.Read), ReadPlace(ref from))),
        WireKind.Of<DeliveriesAdded>("da", (to, m) => to.Count((ulong)m.Count), (ref from) => new DeliveriesAdded((int)from.Count())),
        WireKind.Of<AskReplayPlace>("ar", (to, m) => { to.Count((ulong)m.Handler); to.Text(m.Replay); }, (ref from) => new AskReplayPlace((int)from.Count(), from.Text())),
        WireKind.Of<ReplayPlace>("rp", (to, m) => { to.Text(m.Id); to.Int64(m.Row); }, (ref from) => new ReplayPlace(from.Text(), from.Int64())),
        WireKind.Of<OrderDeliveries>("od",
            (to, m) => { to.Count((ulong)m.Handler); to.Byte((byte)m.Order); WriteNumbers(to, m.Ids); },
            (ref from) => new OrderDeliveries((int)from.Count(), from.Enum<DeliveryOrder>(), ReadNumbers(ref from))),
        WireKind.Of<DeliveriesChanged>("dc", (to, m) => to.Count((ulong)m.Count), (ref from) => new DeliveriesChanged((int)from.Count())),
        WireKind.Of<DropRows>("dr", (to, m) => { to.Count((ulong)m.Handler); to.Int64(m.UpTo); }, (ref from) => new DropRows((int)from.Count(), from.Int64())),
        WireKind.Of<RowsDropped>("rd", (to, m) => to.Int64(m.UpTo), (ref from) => new RowsDropped(from.Int64())),
    ];

    private static IEnumerable<WireKind> LoginSlots() =>
    [
        WireKind.Of<ReserveSlot>("ls1",
            (to, m) => { to.Count((ulong)m.Slice); SlotBytes.Write(to, m.Claim); WriteLimits(to, m.Limits); to.Span(m.Lease); },
            (ref from) => new ReserveSlot((int)from.Count(), SlotBytes.ReadClaim(ref from), ReadLimits(ref from), from.Span())),
        WireKind.Of<SlotAnswer>("ls2",
            (to, m) => { to.NumberOrNull(m.Slot); to.NumberOrNull((long?)m.Full); },
            (ref from) => new SlotAnswer(from.NumberOrNull(), ReadLimit(ref from))),
        WireKind.Of<ConfirmSlots>("ls3",
            (to, m) => { to.Count((ulong)m.Slice); to.List(m.Sessions, (w, s) => { SlotBytes.Write(w, s.Claim); w.Text(s.Session); }); to.Span(m.Lease); },
            (ref from) => new ConfirmSlots((int)from.Count(), from.List((ref r) => new LoggedIn(SlotBytes.ReadClaim(ref r), r.Text())), from.Span())),
        WireKind.Of<RenewSlots>("ls4",
            (to, m) => { to.Count((ulong)m.Slice); WriteNumbers(to, m.Slots); to.Span(m.Lease); },
            (ref from) => new RenewSlots((int)from.Count(), ReadNumbers(ref from), from.Span())),
        WireKind.Of<ReleaseSlots>("ls5", (to, m) => { to.Count((ulong)m.Slice); WriteNumbers(to, m.Slots); }, (ref from) => new ReleaseSlots((int)from.Count(), ReadNumbers(ref from))),
        WireKind.Of<SlotNumbers>("ls6", (to, m) => WriteNumbers(to, m.Slots), (ref from) => new SlotNumbers(ReadNumbers(ref from))),
        WireKind.Of<AskSlots>("ls7", (to, m) => { to.Count((ulong)m.Slice); to.TextOrNull(m.User); }, (ref from) => new AskSlots((int)from.Count(), from.TextOrNull())),
        WireKind.Of<SlotsRead>("ls8", (to, m) => to.List(m.Slots, SlotBytes.Write), (ref from) => new SlotsRead(from.List(SlotBytes.ReadSlot))),
        WireKind.Of<SlotsRefused>("ls9", (to, m) => to.Text(m.Reason), (ref from) => new SlotsRefused(from.Text())),
    ];

    private static IEnumerable<WireKind> Hosts() =>
    [
        WireKind.Of<RunOnHost>("oh1",
            (to, m) => { DeliveryBytes.Write(to, m.Delivery); to.Count((ulong)m.Step); to.Count((ulong)m.Attempt); to.Count((ulong)m.Tries); },
            (ref from) => new RunOnHost(DeliveryBytes.Read(ref from), (int)from.Count(), (int)from.Count(), (int)from.Count())),
        WireKind.Of<HostBegan>("oh2", (to, m) => { to.Text(m.Key); to.Count((ulong)m.Tries); }, (ref from) => new HostBegan(from.Text(), (int)from.Count())),
        WireKind.Of<HostRan>("oh3", OutcomeBytes.Write, OutcomeBytes.Read),
    ];

    private static IEnumerable<WireKind> Api() =>
    [
        WireKind.Of<AskLease>("sl1", (to, m) => to.Flag(m.IsRelease), (ref from) => new AskLease(from.Flag())),
        WireKind.Of<LeaseAnswer>("sl2", (to, m) => to.Flag(m.IsDone), (ref from) => new LeaseAnswer(from.Flag())),
        WireKind.Of<ApiRequest>("api1",
            (to, m) => { to.Text(m.Method); to.Text(m.Path); to.Bytes(m.Body); },
            (ref from) => new ApiRequest(from.Text(), from.Text(), from.Bytes().ToArray())),
        WireKind.Of<ApiRequestBy>("api6",
            (to, m) => { to.Text(m.Who); to.Text(m.Role); to.Text(m.Request.Method); to.Text(m.Request.Path); to.Bytes(m.Request.Body); },
            (ref from) => new ApiRequestBy(from.Text(), from.Text(), new ApiRequest(from.Text(), from.Text(), from.Bytes().ToArray()))),
        WireKind.Of<ApiHead>("api2",
            (output, m) =>
            {
                var to = new ByteWriter(output);
                to.Count((ulong)m.Status);
                to.Text(m.ContentType);
                to.Text(Serialization.SerializedActorPath(m.Answer));
            },
            (ref from, system) => new ApiHead((int)from.Count(), from.Text(), system.Provider.ResolveActorRef(from.Text()))),
        WireKind.Of<ApiNext>("api3", (_, _) => { }, (ref _) => ApiNext.Instance),
        WireKind.Of<ApiPart>("api4", (to, m) => { to.Bytes(m.Bytes); to.Flag(m.IsLast); }, (ref from) => new ApiPart(from.Bytes().ToArray(), from.Flag())),
        WireKind.Of<ApiStop>("api5", (_, _) => { }, (ref _) => ApiStop.Instance),
    ];

    private static void WriteNumbers(ByteWriter to, IReadOnlyList<long> numbers) => to.List(numbers, (w, n) => w.Int64(n));

    private static IReadOnlyList<long> ReadNumbers(ref ByteReader from) => from.List((ref r) => r.Int64());

    private static void WritePlace(ByteWriter to, ReplayPlace? place)
    {
        to.TextOrNull(place?.Id);
        to.Int64(place?.Row ?? 0);
    }

    private static ReplayPlace? ReadPlace(ref ByteReader from)
    {
        var (id, row) = (from.TextOrNull(), from.Int64());
        return id is null ? null : new ReplayPlace(id, row);
    }

    private static void WriteLimits(ByteWriter to, SlotLimits limits)
    {
        to.NumberOrNull(limits.Max);
        to.NumberOrNull(limits.MaxPerHost);
        to.NumberOrNull(limits.MaxPerAddress);
    }

    private static SlotLimits ReadLimits(ref ByteReader from) => new((int?)from.NumberOrNull(), (int?)from.NumberOrNull(), (int?)from.NumberOrNull());

    private static SlotLimit? ReadLimit(ref ByteReader from) => from.NumberOrNull() switch
    {
        null => null,
        >= 0 and <= (long)SlotLimit.MaxPerAddress and var limit => (SlotLimit)limit,
        _ => from.Fail<SlotLimit?>(null),
    };
}
