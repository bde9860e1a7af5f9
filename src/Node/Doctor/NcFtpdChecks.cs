using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;
using FtpActors.Ingest.Udp;

namespace FtpActors.Node.Doctor;

/// <summary>NcFTPd's queue and UDP port.</summary>
internal static class NcFtpdChecks
{
    public static void Queue(NcFtpdQueueOptions options, Findings findings)
    {
        var most = (long)Math.Min(IpcLimits.QueueBytes(), long.MaxValue);
        findings.Check(most >= (long)options.QueueBytes, string.Create(CultureInfo.InvariantCulture, $"A queue may have {most} bytes (kernel.msgmnb)."), FindingLevel.Warn,
            string.Create(CultureInfo.InvariantCulture, $"A queue gets {most} bytes (kernel.msgmnb), {options.QueueBytes} are wanted: it is full while the node restarts, and its writer loses or waits."),
            string.Create(CultureInfo.InvariantCulture, $"sysctl -w kernel.msgmnb={options.QueueBytes}, and the same in /etc/sysctl.d."));
        if (IpcLimits.OwnerOf(options.Key) is not { } owner)
        {
            findings.Say($"There is no queue {options.Key} yet: who comes first makes it.");
            return;
        }
        try
        {
            var queue = SystemVQueue.TryOpen(options.Key);
            findings.Check(queue is not null, $"The queue {options.Key} of uid {owner.Uid} with mode {owner.Mode} can be opened.", FindingLevel.Fail, $"The queue {options.Key} went away.", "Look again.");
        }
        catch (SystemVQueueException e)
        {
            findings.Add(FindingLevel.Fail, $"The queue {options.Key} belongs to uid {owner.Uid} with mode {owner.Mode} and cannot be opened: {e.Message}",
                "Run the node as that user or as root, or give \"mode\": \"0660\" and a common group and remove the queue (ipcrm -Q) once.");
        }
    }

    public static void Udp(NcFtpdUdpOptions options, Findings findings)
    {
        var most = Kernel.Setting("net/core/rmem_max") ?? 0;
        findings.Check(most >= options.ReceiveBuffer || Environment.IsPrivilegedProcess, "The socket gets the buffer that is wanted.", FindingLevel.Warn,
            string.Create(CultureInfo.InvariantCulture, $"A socket gets {most} bytes of buffer (net.core.rmem_max), {options.ReceiveBuffer} are wanted: bursts are dropped."),
            string.Create(CultureInfo.InvariantCulture, $"sysctl -w net.core.rmem_max={options.ReceiveBuffer}, or give the node CAP_NET_ADMIN."));
        findings.Check(IPAddress.IsLoopback(options.Listen.Address) || options.AllowFrom.Count > 0, "Only known senders are heard.", FindingLevel.Warn,
            $"{options.Listen} takes datagrams from everybody.", "List the senders in \"allow\".");
        try
        {
            using var socket = new Socket(options.Listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(options.Listen);
            findings.Say($"The port {options.Listen} is free.");
        }
        catch (SocketException e)
        {
            findings.Add(e.SocketErrorCode == SocketError.AddressAlreadyInUse ? FindingLevel.Warn : FindingLevel.Fail, $"The port {options.Listen} cannot be taken: {e.Message}",
                "Fine when it is this very node (ss -lunp shows whose it is); else stop that program or give another port.");
        }
    }
}
