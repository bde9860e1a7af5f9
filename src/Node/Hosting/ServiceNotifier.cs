using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FtpActors.Node.Hosting;

/// <summary>
/// Tells the service manager how the node is, by the protocol of sd_notify(3): datagrams of <c>NAME=value</c> lines to the Unix socket that
/// <c>NOTIFY_SOCKET</c> names. Without that variable it does nothing. A manager that does not listen never stops the node.
/// </summary>
internal sealed class ServiceNotifier : IAsyncDisposable
{
    private readonly UnixDomainSocketEndPoint? _manager;
    private readonly Socket? _socket;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watchdog = Task.CompletedTask;
    private readonly Lock _gate = new();
    private string _said = "";
    private bool _failed;

    /// <param name="environment">Variables of the process: <c>NOTIFY_SOCKET</c>, <c>WATCHDOG_USEC</c>, <c>WATCHDOG_PID</c>.</param>
    /// <param name="time">For the watchdog.</param>
    /// <param name="log">Gets one line when the manager cannot be reached.</param>
    public ServiceNotifier(IReadOnlyDictionary<string, string> environment, TimeProvider time, ILogger log)
    {
        _log = log;
        var address = environment.GetValueOrDefault("NOTIFY_SOCKET", "");
        if (address.Length == 0)
            return;
        if (address[0] is not ('/' or '@') || address.Length == 1)
        {
            log.ServiceManagerNotReached(address, "only paths and abstract names (@...) of Unix sockets are spoken");
            return;
        }
        try
        {
            // An abstract name begins with a NUL byte, for which the variable has an "@" (sd_notify(3)).
            _manager = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
            // Nothing waits for a manager that does not read: a message that finds no room is lost, and the next one tells the same.
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            log.ServiceManagerNotReached(address, e.Message);
            return;
        }
        if (WatchdogInterval(environment) is { } interval)
            _watchdog = Task.Run(() => WatchAsync(interval, time));
    }

    /// <summary>A service manager has asked to be told.</summary>
    public bool IsWanted => _socket is not null;

    /// <summary>The start is over.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={Line(status)}");

    /// <summary>The configuration is read again; <see cref="Ready"/> ends it.</summary>
    // The manager must know which request the answer is for: .NET's time stamps are CLOCK_MONOTONIC on Linux.
    public void Reloading() => Send(string.Create(
        CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000)}"));

    /// <summary>The node drains.</summary>
    public void Stopping() => Send("STOPPING=1\nSTATUS=Draining");

    /// <summary>One line for people, as <c>systemctl status</c> shows it; the same again is not sent.</summary>
    public void Status(string status)
    {
        lock (_gate)
        {
            if (status == _said)
                return;
            _said = status;
        }
        Send("STATUS=" + Line(status));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watchdog;
        _socket?.Dispose();
        _end.Dispose();
    }

    /// <summary>How often to tell the manager that the process lives: half of what it allows, as sd_watchdog_enabled(3) asks; null when it did not ask this process.</summary>
    private static TimeSpan? WatchdogInterval(IReadOnlyDictionary<string, string> environment)
    {
        if (environment.TryGetValue("WATCHDOG_PID", out var pid) && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            return null;
        return long.TryParse(environment.GetValueOrDefault("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var allowed) && allowed > 0
            ? TimeSpan.FromMicroseconds(allowed / 2.0)
            : null;
    }

    // On the thread pool, as all of the node's work: when that comes to a stand, so does this, and the manager starts the node again.
    private async Task WatchAsync(TimeSpan interval, TimeProvider time)
    {
        while (!_end.IsCancellationRequested)
        {
            Send("WATCHDOG=1");
            await Task.Delay(interval, time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Send(string message)
    {
        if (_socket is null || _manager is null)
            return;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _manager);
        }
        catch (SocketException e)
        {
            if (!Interlocked.Exchange(ref _failed, true))
                _log.ServiceManagerNotReached(_manager.ToString(), e.Message);
        }
    }

    // A line break would begin another assignment.
    private static string Line(string text) => text.ReplaceLineEndings(" ");
}
