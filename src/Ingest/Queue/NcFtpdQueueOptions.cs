using System.Globalization;
using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.Queue;

/// <summary>When a message leaves the queue.</summary>
public enum QueueTake
{
    /// <summary>After it is durable: it is copied, stored, and only then removed. A kill at any point loses nothing and stores nothing twice.</summary>
    Safe,
    /// <summary>Before it is durable: faster, but what was taken and not yet stored (at most two batches) dies with a killed process.</summary>
    Fast,
}

/// <summary>Settings of an <c>ncftpd-mqueue</c> source.</summary>
public sealed record NcFtpdQueueOptions
{
    /// <summary>Name in the configuration; also the name of the witness file, so only letters, digits, <c>-</c>, <c>_</c> and <c>.</c> are used as they are.</summary>
    public required string Name { get; init; }

    /// <summary>Key of the queue, as in the server's <c>ncftpd_eventd=mqueue:&lt;key&gt;</c>.</summary>
    public required QueueKey Key { get; init; }

    /// <summary>Permission bits of a queue that the source has to make; default 0600. See <see cref="ParseMode"/>.</summary>
    public int Mode { get; init; } = 0b110_000_000;

    /// <summary>When a message leaves the queue; default <see cref="QueueTake.Safe"/>.</summary>
    public QueueTake Take { get; init; } = QueueTake.Safe;

    /// <summary>
    /// Messages per batch, 1..4096, default 256. The kernel walks to the index of every copy, so a batch of n costs n²/2 steps.
    /// Measured with texts of 600 bytes on two cores: with a spool that costs nothing 200,000 messages/s at 64 and 150,000 at 256; with one whose
    /// commit takes 1 to 1.5 ms, 42,000 at 64, 60,000 at 128, 75,000 at 256, 73,000 at 512. <see cref="QueueTake.Fast"/> copies nothing and takes
    /// four times as many.
    /// </summary>
    public int Batch { get; init; } = 256;

    /// <summary>Bytes the queue should be able to hold, default 16 MiB. The kernel's default of 16 KiB fills in a moment, and NcFTPd then loses events.</summary>
    public ulong QueueBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest text in bytes, default 8192; raised to kernel.msgmax where that is more.</summary>
    public int Buffer { get; init; } = 8192;

    /// <summary>Folder of the witness file <c>&lt;name&gt;.taking</c>; must be on a local file system.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Path of the witness file.</summary>
    public string WitnessPath => Path.Combine(DataFolder, Uri.EscapeDataString(Name) + ".taking");

    /// <summary>Reads an octal mode such as <c>0600</c>.</summary>
    /// <exception cref="FormatException">It is not octal or above 0777.</exception>
    public static int ParseMode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return QueueKey.TryOctal(text, out var mode) && mode <= 0x1FF
            ? (int)mode
            : throw new FormatException($"'{text}' is not a mode of a message queue: give octal permission bits from 0000 to 0777, such as 0600.");
    }

    /// <summary>Checks all figures.</summary>
    /// <exception cref="ArgumentException">A figure is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(Mode is >= 0 and <= 0x1FF, "mode", "must be 0000..0777 (octal)");
        Require(Batch is >= 1 and <= 4096, "batch", "must be 1..4096");
        Require(QueueBytes is >= 1024 and <= int.MaxValue, "queue_bytes", "must be 1024..2147483647");
        Require(Buffer is >= 1024 and <= 16 * 1024 * 1024, "buffer", "must be 1024..16777216");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
