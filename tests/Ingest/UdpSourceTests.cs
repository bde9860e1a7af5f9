using System.Net;
using System.Net.Sockets;
using System.Text;
using FtpActors.Ingest.Udp;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Tests;

public sealed class UdpSourceTests
{
    private readonly TestSpool _spool = new();
    private readonly Horizon _horizon = new();

    [Fact]
    public async Task Datagrams_become_durable_in_order_with_a_fingerprint_of_sender_and_bytes()
    {
        var source = Source(Any);
        await using var running = await Listening(source);
        using var client = Client(source, IPAddress.Loopback);
        for (var i = 0; i < 500; i++)
            client.Send(Encoding.ASCII.GetBytes($"{i}"));
        client.Send("bad"u8);
        await Eventually.True(() => source.Status.Messages == 501, () => source.Status.ToString());
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), _spool.Texts);
        var port = ((IPEndPoint)client.LocalEndPoint!).Port;
        Assert.Equal($"7F000001{port:X4}:" + "3439", _spool.Events[49].Fingerprint);
        Assert.Equal($"127.0.0.1:{port}", Assert.Single(_spool.Quarantined).Sender);
        Assert.Equal(0, source.Status.Dropped);
    }

    [Fact]
    public async Task A_datagram_longer_than_the_buffer_is_flagged()
    {
        var source = Source(Any with { Buffer = 1024 });
        await using var running = await Listening(source);
        using var client = Client(source, IPAddress.Loopback);
        client.Send(new byte[1024]);
        client.Send(new byte[1025]);
        await Eventually.True(() => source.Status.Messages == 2, () => source.Status.ToString());
        Assert.Equal([EventFlags.None, EventFlags.BufferTruncated], _spool.Events.Select(e => e.Flags));
    }

    [Fact]
    public async Task A_sender_that_is_not_allowed_is_counted_and_not_stored()
    {
        var source = Source(Any with { AllowFrom = [IPAddress.Loopback] });
        await using var running = await Listening(source);
        using var stranger = Client(source, IPAddress.Parse("127.0.0.2"));
        using var friend = Client(source, IPAddress.Loopback);
        stranger.Send("forged"u8);
        friend.Send("real"u8);
        await Eventually.True(() => source.Status is { Messages: 1, Refused: 1 }, () => source.Status.ToString());
        Assert.Equal(["real"], _spool.Texts);
    }

    [Fact]
    public async Task What_the_kernel_drops_is_counted_to_the_datagram()
    {
        // The reader is held up by the spool in the end, and the smallest buffer overflows: sent = stored + dropped, exactly.
        var source = Source(Any with { ReceiveBuffer = 2048 });
        await using var running = await Listening(source);
        using var client = Client(source, IPAddress.Loopback);
        const int sent = 20_000;
        var datagram = new byte[700];
        for (var i = 0; i < sent; i++)
            client.Send(datagram);
        await Eventually.True(() => source.Status.Messages + source.Status.Dropped == sent, () => source.Status.ToString());
        Assert.True(source.Status.Dropped > 0, "the burst did not overflow the buffer");
        Assert.Equal(_spool.Events.Count, source.Status.Messages);
    }

    [Theory]
    [InlineData("::1", "::1")]
    [InlineData("::", "127.0.0.1")]
    public async Task It_listens_on_IPv6_and_on_both(string listen, string sender)
    {
        var source = Source(Any with { Listen = new IPEndPoint(IPAddress.Parse(listen), 0), AllowFrom = [IPAddress.Parse(sender)] });
        await using var running = await Listening(source);
        using var client = Client(source, IPAddress.Parse(sender));
        client.Send("six"u8);
        await Eventually.True(() => source.Status.Messages == 1, () => source.Status.ToString());
        Assert.StartsWith(Convert.ToHexString(IPAddress.Parse(sender).GetAddressBytes()), _spool.Events[0].Fingerprint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_port_is_waited_for()
    {
        using var taker = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taker.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var source = Source(Any with { Listen = (IPEndPoint)taker.LocalEndPoint! });
        await using var running = Running.Start(source);
        await running.State("waiting");
        Assert.Contains($"{taker.LocalEndPoint}", source.Status.Trouble, StringComparison.Ordinal);
        Assert.Contains("ss -lunp", source.Status.Trouble, StringComparison.Ordinal);
        taker.Dispose();
        await running.State("reading");
    }

    [Fact]
    public async Task The_horizon_stands_still_while_a_datagram_is_not_durable()
    {
        var source = Source(Any);
        await using var running = await Listening(source);
        await MovesPast(DateTimeOffset.UtcNow);
        _spool.Hold();
        using var client = Client(source, IPAddress.Loopback);
        client.Send("held"u8);
        await Eventually.True(() => _spool.Appends == 1, () => "nothing was handed over");
        var stood = Now();
        var later = DateTime.UtcNow.AddMilliseconds(200);
        await Eventually.True(() => DateTime.UtcNow > later, () => "");
        Assert.Equal(stood, Now());
        _spool.Release();
        await MovesPast(DateTimeOffset.UtcNow);
        Assert.True(_spool.Events[0].ReceivedAt >= stood);
    }

    [Fact]
    public async Task It_keeps_reading_while_the_spool_is_slow_or_full_and_loses_nothing()
    {
        var source = Source(Any);
        _spool.IsFull = true;
        await using var running = await Listening(source);
        using var client = Client(source, IPAddress.Loopback);
        for (var i = 0; i < 3000; i++)
            client.Send(Encoding.ASCII.GetBytes($"{i}"));
        await running.State("waiting");
        _spool.IsFull = false;
        await Eventually.True(() => source.Status is { Messages: 3000, State: "reading" }, () => source.Status.ToString());
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"{i}").Order(), _spool.Texts.Order());
        Assert.Equal(0, source.Status.Dropped);
    }

    [Fact]
    public async Task A_stop_stores_all_that_was_read()
    {
        var source = Source(Any);
        _spool.Hold();
        await using var running = await Listening(source);
        using var client = Client(source, IPAddress.Loopback);
        // More batches than may be on their way: the last ones are still in the reader's hands at the stop.
        for (var i = 0; i < 10; i++)
        {
            client.Send(Encoding.ASCII.GetBytes($"{i}"));
            await Eventually.True(() => _spool.Appends > Math.Min(i, 3), () => $"{_spool.Appends} batches were handed over");
        }
        // What is still in the socket at the stop is lost, and nothing tells from outside that it was read.
        await Task.Delay(200);
        var stopped = running.Stop();
        await Eventually.True(() => source.LocalEndPoint is null, () => source.Status.ToString());
        Assert.False(stopped.IsCompleted);
        _spool.Release();
        await stopped;
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), _spool.Texts.Order());
        Assert.Equal(("stopped", 10L, 0L), (source.Status.State, source.Status.Messages, source.Status.Dropped));
    }

    [Fact]
    public async Task A_stop_that_costs_messages_says_so()
    {
        var source = Source(Any);
        _spool.IsFull = true;
        await using (var running = await Listening(source))
        {
            using var client = Client(source, IPAddress.Loopback);
            client.Send("lost"u8);
            await running.State("waiting");
        }
        Assert.Equal(("stopped", 1L), (source.Status.State, source.Status.Dropped));
        Assert.Contains("1 messages were lost", source.Status.Trouble, StringComparison.Ordinal);
    }

    private static NcFtpdUdpOptions Any => new() { Name = "udp", Listen = new IPEndPoint(IPAddress.Loopback, 0) };

    private NcFtpdUdpSource Source(NcFtpdUdpOptions options) => new(
        options, _spool, new TextDecoder(), (sender, datagram) => $"{Convert.ToHexString(sender)}:{Convert.ToHexString(datagram)}", _horizon,
        TestStreams.Materializer, TimeProvider.System);

    private static async Task<Running> Listening(NcFtpdUdpSource source)
    {
        var running = Running.Start(source);
        await Eventually.True(() => source.LocalEndPoint is not null, () => source.Status.ToString());
        return running;
    }

    private static Socket Client(NcFtpdUdpSource source, IPAddress from)
    {
        var client = new Socket(from.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(from, 0));
        client.Connect(new IPEndPoint(IPAddress.Loopback.AddressFamily == from.AddressFamily ? IPAddress.Loopback : IPAddress.IPv6Loopback, source.LocalEndPoint!.Port));
        return client;
    }

    private DateTimeOffset Now() => _horizon.Read(DateTimeOffset.MaxValue);

    private Task MovesPast(DateTimeOffset time) => Eventually.True(() => Now() > time, () => $"the horizon stands at {Now():O}");
}
