using System.Globalization;

namespace FtpActors.Ingest.Proftpd;

/// <summary>Settings of a <c>proftpd-log</c> or <c>xferlog</c> source.</summary>
public sealed record ProftpdLogOptions
{
    /// <summary>Name in the configuration; also the name of the FIFO's witness file.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the FTP host for the events.</summary>
    public required string Host { get; init; }

    /// <summary>The lines are those of an xferlog; else those of our own LogFormat.</summary>
    public bool IsXferlog { get; init; }

    /// <summary>FIFO that the server writes into; made when it is not there. Null for a file.</summary>
    public string? Fifo { get; init; }

    /// <summary>Log file, followed over rotations by rename and by copy and cut. Null for a FIFO.</summary>
    public string? File { get; init; }

    /// <summary>How often a file is looked at.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a line waits for the next of its session: an ABOR right behind an upload says that it is not whole.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Bytes that the FIFO should hold, default 1 MiB (fs.pipe-max-size of most systems). While it is full, the server waits 5 s for each line and then drops it.</summary>
    public int PipeBytes { get; init; } = 1024 * 1024;

    /// <summary>Who must own the FIFO.</summary>
    public uint Owner { get; init; }

    /// <summary>Folder of the witness file <c>&lt;name&gt;.fifo</c>; must be on a local file system.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Path of the witness file.</summary>
    public string WitnessPath => Path.Combine(DataFolder, Uri.EscapeDataString(Name) + ".fifo");

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(Fifo is null != File is null, "fifo and file", "must not both be given or both be missing");
        Require(Poll >= TimeSpan.FromMilliseconds(10), "poll", "must be 10ms or more");
        Require(Hold >= TimeSpan.Zero, "hold", "must not be negative");
        Require(PipeBytes is >= 65536 and <= 256 * 1024 * 1024, "pipe_bytes", "must be 65536..268435456");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
