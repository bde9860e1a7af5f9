using System.Globalization;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol.OpenSsh;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>
/// Who sent a line: its process, the parents of that, and what it takes for its root. Read from /proc at the receipt, and remembered: a process may be gone right after its last line.
/// </summary>
internal sealed class SenderProcesses
{
    /// <summary>sftp, perhaps a shell, the child, the monitor, the listener.</summary>
    private const int Longest = 5;

    /// <summary>Most that are remembered; beyond it all are read again.</summary>
    private const int Most = 20_000;

    private readonly Dictionary<int, Sender> _senders = [];

    /// <summary>The sender of a line; an empty chain when nothing is known of the process.</summary>
    public Sender Of(int pid)
    {
        var known = _senders.GetValueOrDefault(pid);
        if (ProcessStart.Read(pid) is not { } now)
            return known ?? Sender.Unknown;
        if (known is not null && known.Chain[0].Start == now.Ticks)
        {
            // The child of an sshd gets its root and folder after its first lines: the same process is looked at again while it is young. One that ends has neither any more.
            return known.Looks > 3 || now.IsZombie ? known
                : _senders[pid] = known with { Root = RootOf(pid) ?? known.Root, Folder = FolderOf(pid) ?? known.Folder, Looks = known.Looks + 1 };
        }
        if (_senders.Count >= Most)
            _senders.Clear();
        return _senders[pid] = new Sender(ChainOf(pid, now), RootOf(pid) ?? "", FolderOf(pid), Looks: 1);
    }

    private static List<ProcessName> ChainOf(int pid, (long Ticks, int Parent, bool IsZombie) first)
    {
        var chain = new List<ProcessName> { new(pid, first.Ticks) };
        for (var parent = first.Parent; parent > 1 && chain.Count < Longest && ProcessStart.Read(parent) is { } next; parent = next.Parent)
            chain.Add(new ProcessName(parent, next.Ticks));
        return chain;
    }

    // Empty for the machine's own; null when it cannot be read.
    private static string? RootOf(int pid) => LinkOf(pid, "root") is var root and not "/" ? root : "";

    private static string? FolderOf(int pid) => LinkOf(pid, "cwd");

    private static string? LinkOf(int pid, string name)
    {
        try
        {
            return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{name}")).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or another user's.
            return null;
        }
    }

    /// <summary>What is known of a sender.</summary>
    /// <param name="Chain">The process, its parent, and so on.</param>
    /// <param name="Root">What stands before its absolute paths.</param>
    /// <param name="Folder">What stands before its relative paths.</param>
    /// <param name="Looks">How often it was looked at.</param>
    public sealed record Sender(IReadOnlyList<ProcessName> Chain, string Root, string? Folder, int Looks)
    {
        public static Sender Unknown { get; } = new([], "", null, 0);
    }
}
