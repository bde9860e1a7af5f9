using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Lease;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Wire;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Tests.Wire;

/// <summary>Promise 9: no type name from the wire is ever loaded. Two systems with remoting, as two nodes are.</summary>
public sealed class WireSerializerTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly NewDelivery Owed = new("k\u00e9y", "rule", "upload", "s-1", true, "ftp1", "{}", Now, null);

    private readonly ActorSystem _one = Start("one");
    private readonly ActorSystem _two = Start("two");

    private static IEnumerable<object> Messages(IActorRef actor) =>
    [
        new TakeEvents(3, "spool", "ftp1", 7, [new StoredEvent("spool", 8, Event("/a")), new StoredEvent("spool", 12, Event("/\\xFF"))], Now),
        new TakeEvents(3, "spool", "ftp1", 7, [], null),
        new AskPosition(2, "spool"), new EventsStand(2, "spool", 9, true), EventsAreFresh.Instance,
        new AskStatus(1), new HandlerStatus(1, 99, 3, 4, Now, [KeyValuePair.Create("spool", 5L)], 6, 7, 8, "h1"),
        new AddDeliveries(1, [Owed], new ReplayPlace("r", 5)), new AddDeliveries(1, []), new DeliveriesAdded(4), new AskReplayPlace(1, "r"), new ReplayPlace("r", long.MaxValue),
        new OrderDeliveries(1, DeliveryOrder.Drop, [1, 2]), new DeliveriesChanged(2), new DropRows(1, 7), new RowsDropped(7),
        new ReserveSlot(1, Claim, new SlotLimits(3, null, 0), TimeSpan.FromSeconds(10)), new SlotAnswer(5, null), new SlotAnswer(null, SlotLimit.MaxPerHost),
        new ConfirmSlots(1, [new LoggedIn(Claim, "s")], TimeSpan.FromSeconds(1)), new RenewSlots(1, [5], TimeSpan.FromSeconds(1)), new ReleaseSlots(1, [5, 6]), new SlotNumbers([5]),
        new AskSlots(1, null), new AskSlots(1, "ann"), new SlotsRead([new LoginSlot(5, Claim, null, Now, Now.AddSeconds(10))]), new SlotsRefused("why"),
        new RunOnHost(Owed, 1, 2, 3), new HostBegan("k", 3), new HostRan("k", 3, new ActionOutcome(false, true, 7, "no", "a", "b", TimeSpan.FromSeconds(3))),
        new AskLease(true), new LeaseAnswer(true),
        new ApiRequest("GET", "/api/who?user=a", [1, 2]), new ApiHead(200, "text/plain", actor), ApiNext.Instance, new ApiPart([0, 255], true), ApiStop.Instance, new ApiRequestBy("alice", "reader", new ApiRequest("POST", "/api/v1/rebuild", [3])),
    ];

    private static LoginClaim Claim => new("ann", "ftp1", "192.0.2.1");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _one.Terminate();
        await _two.Terminate();
    }

    [Fact]
    public async Task Every_kind_of_message_arrives_as_it_was_sent()
    {
        var echo = await EchoAsync();
        var own = _one.ActorOf(Props.Create<Echo>());
        var sent = Messages(own).ToList();
        foreach (var message in sent)
        {
            var came = await echo.Ask<object>(message, TimeSpan.FromSeconds(10));
            // Lists within records are compared by their bytes.
            var serializer = Serializer(_one);
            Assert.Equal(serializer.Manifest(message), serializer.Manifest(came));
            Assert.Equal(Text(message), Text(came));
        }
        // None was forgotten.
        Assert.Equal(WireKinds.All.Select(k => k.Type.Name).Order(StringComparer.Ordinal), sent.Select(m => m.GetType().Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Manifests_and_numbers_never_change()
    {
        Assert.Equal(1703, Serializer(_one).Identifier);
        Assert.Equal(
            "ad ap api1 api2 api3 api4 api5 api6 ar as da dc dr ef es hs ls1 ls2 ls3 ls4 ls5 ls6 ls7 ls8 ls9 od oh1 oh2 oh3 rd rp sl1 sl2 te",
            string.Join(' ', WireKinds.All.Select(k => k.Manifest).Order(StringComparer.Ordinal)));
        // Written by version 1: one of each kind, in the order of the messages above. They must stay readable.
        var serializer = Serializer(_one);
        var first = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Wire", "version1.txt")).Select(line => line.Split(' ')).ToList();
        var now = Messages(_one.DeadLetters).Where(m => m is not ApiHead).ToList();
        Assert.Equal(now.Count, first.Count);
        foreach (var (line, message) in first.Zip(now))
            Assert.Equal(Text(message), Text(serializer.FromBinary(Convert.FromHexString(line[1]), line[0])));
    }

    [Fact]
    public void Garbage_is_an_exception_and_nothing_else()
    {
        var serializer = Serializer(_one);
        var random = new Random(1);
        foreach (var kind in WireKinds.All)
        {
            for (var i = 0; i < 50; i++)
            {
                var bytes = new byte[random.Next(60)];
                random.NextBytes(bytes);
                Assert.Throws<SerializationException>(() => serializer.FromBinary(bytes, kind.Manifest));
            }
        }
        Assert.Throws<SerializationException>(() => serializer.FromBinary([1], "System.Diagnostics.Process, System"));
    }

    [Fact]
    public async Task What_is_no_message_between_nodes_is_neither_sent_nor_made_from_what_comes()
    {
        var echo = await EchoAsync();
        await Assert.ThrowsAsync<AskTimeoutException>(() => echo.Ask<object>(new Uri("http://stranger/"), TimeSpan.FromSeconds(1)));
        Assert.Throws<SerializationException>(() => _one.Serialization.Serialize(new Uri("http://stranger/")));
        // As Akka's own serializer of anything would send it: its number, the name of a type, JSON.
        var json = Encoding.UTF8.GetBytes("""{"$type":"System.IO.FileInfo, System.Private.CoreLib","fileName":"/etc/passwd"}""");
        Assert.Throws<SerializationException>(() => _one.Serialization.Deserialize(json, 1, "System.IO.FileInfo, System.Private.CoreLib"));
        // The type of a name is not even looked for: that would load the assembly it names.
        var asked = new List<string>();
        ResolveEventHandler listen = (_, wanted) =>
        {
            asked.Add(wanted.Name);
            return null;
        };
        AppDomain.CurrentDomain.AssemblyResolve += listen;
        foreach (var number in (int[])[1, 3, 1703])
            Assert.Throws<SerializationException>(() => _one.Serialization.Deserialize(json, number, "Some.Type, Stranger.Assembly"));
        AppDomain.CurrentDomain.AssemblyResolve -= listen;
        Assert.DoesNotContain(asked, name => name.StartsWith("Stranger", StringComparison.Ordinal));
        // Nobody makes an actor of a named type on another node.
        var there = new Deploy(new RemoteScope(((ExtendedActorSystem)_two).Provider.DefaultAddress));
        var deployed = _one.ActorOf(Props.Create<Echo>().WithDeploy(there), "deployed");
        await Assert.ThrowsAsync<AskTimeoutException>(() => deployed.Ask<string>("a text", TimeSpan.FromSeconds(1)));
        // And Akka's own messages go on.
        Assert.Equal("a text", await echo.Ask<string>("a text", TimeSpan.FromSeconds(10)));
        Assert.Equal([1, 2], await echo.Ask<byte[]>(new byte[] { 1, 2 }, TimeSpan.FromSeconds(10)));
    }

    private static WireSerializer Serializer(ActorSystem system) => (WireSerializer)system.Serialization.FindSerializerForType(typeof(TakeEvents));

    private static string Text(object message) => message is ApiHead head ? $"{head.Status} {head.ContentType} {head.Answer.Path.Name}" : Convert.ToHexString(new WireSerializer(null!).ToBinary(message));

    private static FtpEvent Event(string path) => new() { ReceivedAt = Now, Kind = EventKind.Upload, Host = "ftp1", Source = "q", Path = path };

    private static ActorSystem Start(string name) => ActorSystem.Create(name, ConfigurationFactory.ParseString(
        "akka { stdout-loglevel = OFF, loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = \"127.0.0.1\", port = 0 } }\n" + WireSerializer.Config));

    private async Task<IActorRef> EchoAsync()
    {
        _two.ActorOf(Props.Create<Echo>(), "echo");
        var address = ((ExtendedActorSystem)_two).Provider.DefaultAddress;
        return await _one.ActorSelection(new RootActorPath(address) / "user" / "echo").ResolveOne(TimeSpan.FromSeconds(10));
    }

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }
}
