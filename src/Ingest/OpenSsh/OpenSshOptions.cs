using System.Globalization;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>Settings of an <c>openssh-log</c> source.</summary>
public sealed record OpenSshOptions
{
    /// <summary>Lines that wait for the spool in memory, at most; beyond it they are dropped and counted, for sshd must not wait.</summary>
    public const int MostEvents = 200_000;

    /// <summary>Name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the FTP host for the events.</summary>
    public required string Host { get; init; }

    /// <summary>Sockets that sshd and sftp log to: <c>/dev/log</c>, and one in each chroot.</summary>
    public IReadOnlyList<string> Sockets { get; init; } = [];

    /// <summary>The site's own syslog socket, which gets every line of <see cref="Sockets"/>; null when there is none.</summary>
    public string? Forward { get; init; }

    /// <summary>A syslog file instead of sockets. It has no processes, so sessions are known by user and address only: <c>likely</c>.</summary>
    public string? File { get; init; }

    /// <summary>How often the file is read. Default 250 ms.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>By user: what stands before the paths of one whose sessions see another root. With sockets the kernel tells it.</summary>
    public IReadOnlyDictionary<string, string> Chroots { get; init; } = new Dictionary<string, string>();

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require((Sockets.Count > 0) != (File is not null), "sockets", "or file must be given, and not both");
        Require(Poll >= TimeSpan.FromMilliseconds(10), "poll", "must be 10ms or more");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
