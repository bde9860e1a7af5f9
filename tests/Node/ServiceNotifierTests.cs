using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FtpActors.Node.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Node.Tests;

/// <summary>A service manager's end: a real Unix datagram socket.</summary>
public sealed class ServiceNotifierTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };

    public void Dispose()
    {
        _manager.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_service_says_arrives_at_a_socket_with_a_path_or_an_abstract_name(bool isAbstract)
    {
        await using var service = new ServiceNotifier(Listen(isAbstract), TimeProvider.System, NullLogger.Instance);
        Assert.True(service.IsWanted);

        service.Ready("up\nand running");
        service.Status("three sessions");
        service.Status("three sessions");
        service.Stopping();

        Assert.Equal("READY=1\nSTATUS=up and running", Receive());
        Assert.Equal("STATUS=three sessions", Receive());
        Assert.Equal("STOPPING=1\nSTATUS=Draining", Receive());
    }

    [Fact]
    public async Task A_reload_is_announced_with_the_time_of_the_monotonic_clock()
    {
        await using var service = new ServiceNotifier(Listen(), TimeProvider.System, NullLogger.Instance);
        var before = await MonotonicMicrosecondsAsync();
        service.Reloading();
        var after = await MonotonicMicrosecondsAsync();

        var lines = Receive().Split('\n');
        Assert.Equal("RELOADING=1", lines[0]);
        Assert.StartsWith("MONOTONIC_USEC=", lines[1], StringComparison.Ordinal);
        Assert.InRange(long.Parse(lines[1].Split('=')[1], CultureInfo.InvariantCulture), before, after);
    }

    [Fact]
    public async Task A_watchdog_that_is_wanted_of_this_process_is_fed_and_another_is_not()
    {
        var me = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var listen = Listen();
        await using (new ServiceNotifier(new Dictionary<string, string>(listen) { ["WATCHDOG_USEC"] = "100000", ["WATCHDOG_PID"] = me }, TimeProvider.System, NullLogger.Instance))
        {
            for (var i = 0; i < 3; i++)
                Assert.Equal("WATCHDOG=1", Receive());
        }
        while (_manager.Available > 0)
            Assert.Equal("WATCHDOG=1", Receive());

        await using var other = new ServiceNotifier(new Dictionary<string, string>(listen) { ["WATCHDOG_USEC"] = "1", ["WATCHDOG_PID"] = "1" }, TimeProvider.System, NullLogger.Instance);
        other.Status("the first to come");
        Assert.Equal("STATUS=the first to come", Receive());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("vsock:2:1234")]
    [InlineData("relative/path")]
    [InlineData("/no/such/socket")]
    [InlineData("/far/too/long/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task A_service_manager_that_does_not_listen_never_stops_a_service(string address)
    {
        await using var service = new ServiceNotifier(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = address }, TimeProvider.System, NullLogger.Instance);
        service.Ready("up");
        service.Reloading();
        service.Stopping();
    }

    [Fact]
    public async Task A_node_says_when_it_is_ready_reloads_and_stops_and_feeds_its_watchdog()
    {
        var config = _scratch.Write("node.conf", """{ "node": { "name": "n", "listen": "127.0.0.1:0", "data": "var" }, "journal": { "shards": 1 } }""");
        using var node = RunningProgram.Start(new Dictionary<string, string>(Listen()) { ["WATCHDOG_USEC"] = "200000" }, "run", "--config", config);

        await SaysAsync("READY=1\nSTATUS=0 open sessions here");
        await SaysAsync("WATCHDOG=1");
        node.Signal("HUP");
        await SaysAsync("RELOADING=1\nMONOTONIC_USEC=");
        await SaysAsync("READY=1\nSTATUS=0 open sessions here");
        node.Signal("TERM");
        await SaysAsync("STOPPING=1\nSTATUS=Draining");
        Assert.Equal(0, await node.EndAsync());
    }

    private Dictionary<string, string> Listen(bool isAbstract = false)
    {
        var name = isAbstract ? $"@ftpactors-test-{Guid.NewGuid():N}" : _scratch.Write("notify", "");
        if (!isAbstract)
            File.Delete(name);
        _manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + name[1..] : name));
        return new Dictionary<string, string> { ["NOTIFY_SOCKET"] = name };
    }

    private string Receive()
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer));
    }

    // Whatever else comes before it, such as the watchdog.
    private Task SaysAsync(string beginning) => Task.Run(() =>
    {
        string said;
        do
        {
            said = Receive();
        }
        while (!said.StartsWith(beginning, StringComparison.Ordinal));
    });

    // The kernel's own figure for this clock, by a program that asks it.
    private static async Task<long> MonotonicMicrosecondsAsync()
    {
        using var python = Process.Start(new ProcessStartInfo("python3", ["-c", "import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)"]) { RedirectStandardOutput = true })!;
        var text = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return long.Parse(text, CultureInfo.InvariantCulture);
    }
}
