using System.Globalization;

namespace FtpActors.Ingest.Linux;

/// <summary>What the kernel says of message queues in /proc.</summary>
internal static class IpcLimits
{
    /// <summary>Largest text of one message now (kernel.msgmax), in bytes.</summary>
    public static int LargestMessage() => (int)Math.Min(Number("msgmax"), int.MaxValue);

    /// <summary>Bytes that a queue gets, and may have without CAP_SYS_RESOURCE (kernel.msgmnb).</summary>
    public static ulong QueueBytes() => Number("msgmnb");

    /// <summary>
    /// Names this boot and this IPC namespace. A queue of another boot or namespace is another queue, even with the same key and msqid.
    /// </summary>
    public static string Realm() =>
        $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/ipc").LinkTarget}";

    /// <summary>Owner and mode of a queue that may not be ours to IPC_STAT: /proc/sysvipc/msg is readable for all. Null when it is not there.</summary>
    public static (uint Uid, string Mode)? OwnerOf(QueueKey key)
    {
        // "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid ..."; the key is a signed decimal, perms are octal.
        foreach (var line in File.ReadLines("/proc/sysvipc/msg").Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 7 && int.Parse(fields[0], CultureInfo.InvariantCulture) == (int)key.Value)
                return (uint.Parse(fields[7], CultureInfo.InvariantCulture), fields[2].PadLeft(4, '0'));
        }
        return null;
    }

    private static ulong Number(string name) =>
        ulong.Parse(File.ReadAllText($"/proc/sys/kernel/{name}").Trim(), CultureInfo.InvariantCulture);
}
