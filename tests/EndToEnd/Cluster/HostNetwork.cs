using System.Diagnostics;
using System.Globalization;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Hosts as network namespaces on one switch, each with a cable that can be pulled. Needs root and iproute2.</summary>
internal sealed class HostNetwork : IDisposable
{
    private readonly string _prefix = string.Create(CultureInfo.InvariantCulture, $"fa{Random.Shared.Next(0x10000):x4}");
    private readonly List<string> _hosts = [];

    public HostNetwork()
    {
        Ip("netns", "add", Switch);
        Ip("-n", Switch, "link", "add", "bridge", "type", "bridge");
        Ip("-n", Switch, "link", "set", "bridge", "up");
    }

    private string Switch => $"{_prefix}-switch";

    /// <summary>Adds a host.</summary>
    /// <returns>Its address.</returns>
    public string Add(string host)
    {
        Ip("netns", "add", Namespace(host));
        _hosts.Add(host);
        var address = string.Create(CultureInfo.InvariantCulture, $"10.77.0.{_hosts.Count}");
        Ip("-n", Switch, "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", Namespace(host));
        Ip("-n", Switch, "link", "set", host, "master", "bridge", "up");
        Ip("-n", Namespace(host), "addr", "add", $"{address}/24", "dev", "eth0");
        Ip("-n", Namespace(host), "link", "set", "eth0", "up");
        Ip("-n", Namespace(host), "link", "set", "lo", "up");
        return address;
    }

    /// <summary>A command prefix that runs a program on a host.</summary>
    public string[] On(string host) => ["ip", "netns", "exec", Namespace(host)];

    /// <summary>Pulls the cable: packets vanish, nobody is told.</summary>
    public void Cut(string host) => Port(host, "0");

    /// <summary>Plugs it in again.</summary>
    public void Join(string host) => Port(host, "3");

    /// <summary>Lets nothing of some hosts through to a host; everybody else reaches it.</summary>
    public void Block(string host, params string[] others)
    {
        foreach (var other in others)
            Ip("-n", Namespace(host), "route", "add", "blackhole", $"10.77.0.{_hosts.IndexOf(other) + 1}/32");
    }

    /// <summary>Lets all through again.</summary>
    public void Unblock(string host, params string[] others)
    {
        foreach (var other in others)
            Ip("-n", Namespace(host), "route", "del", "blackhole", $"10.77.0.{_hosts.IndexOf(other) + 1}/32");
    }

    public void Dispose()
    {
        foreach (var host in _hosts)
            Ip("netns", "del", Namespace(host));
        Ip("netns", "del", Switch);
    }

    private string Namespace(string host) => $"{_prefix}-{host}";

    // The states of a bridge's port: 0 passes nothing, and unlike a link that is down nobody sees it; 3 forwards.
    private void Port(string host, string state) => Run("bridge", "-n", Switch, "link", "set", "dev", host, "state", state);

    private static void Ip(params string[] arguments) => Run("ip", arguments);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}(the tests of networks need root and iproute2)");
    }
}
