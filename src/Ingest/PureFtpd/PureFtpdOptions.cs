using System.Globalization;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Settings of a <c>pureftpd</c> source.</summary>
public sealed record PureFtpdOptions
{
    /// <summary>Name in the configuration; also the name of the witness file.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the FTP host for the events.</summary>
    public required string Host { get; init; }

    /// <summary>The server's upload pipe, such as <c>/var/run/pure-ftpd.upload.pipe</c>.</summary>
    public string? Pipe { get; init; }

    /// <summary>Who must own the pipe; the server demands uid 0.</summary>
    public uint Owner { get; init; }

    /// <summary>
    /// Bytes that the pipe should hold, default 1 MiB (fs.pipe-max-size of most systems). When the pipe is full, finished uploads hang; the kernel's 64 KiB are about
    /// a thousand records.
    /// </summary>
    public int PipeBytes { get; init; } = 1024 * 1024;

    /// <summary>Folder of the witness file <c>&lt;name&gt;.fifo</c>; must be on a local file system.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Path of the witness file.</summary>
    public string WitnessPath => Path.Combine(DataFolder, Uri.EscapeDataString(Name) + ".fifo");

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(Pipe is not null, "pipe", "must not be null: there would be nothing to read");
        Require(PipeBytes is >= 65536 and <= 256 * 1024 * 1024, "pipe_bytes", "must be 65536..268435456");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
