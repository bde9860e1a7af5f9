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

    /// <summary>The server's scoreboard folder, such as <c>/var/run/pure-ftpd</c>.</summary>
    public string? Scoreboard { get; init; }

    /// <summary>The server's alternative log (<c>-O clf:...</c> or <c>-O stats:...</c>).</summary>
    public string? Altlog { get; init; }

    /// <summary>How often the scoreboard and the alternative log are read when nothing says that there is something new.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the scoreboard is read while somebody is about to log in.</summary>
    public TimeSpan PollLogin { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a running transfer is an event, after the one at its start.</summary>
    public TimeSpan Progress { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether an upload that the server ended by itself, and all of whose bytes are in the file, is <c>ok</c>. Default: no, <c>unknown</c>, because Pure-FTPd ends an upload
    /// that the client broke off in the very same way.
    /// </summary>
    public bool TrustEnd { get; init; }

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
        Require(Pipe is not null || Scoreboard is not null || Altlog is not null, "pipe, scoreboard and altlog", "must not all be null: there would be nothing to read");
        Require(Poll >= TimeSpan.FromMilliseconds(10), "poll", "must be 10ms or more");
        Require(PollLogin >= TimeSpan.FromMilliseconds(10), "poll_login", "must be 10ms or more");
        Require(Progress >= TimeSpan.Zero, "progress", "must not be negative");
        Require(PipeBytes is >= 65536 and <= 256 * 1024 * 1024, "pipe_bytes", "must be 65536..268435456");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
