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

    /// <summary>The journal of systemd instead of sockets. It has no parents of processes: sessions are <c>likely</c>, as with <see cref="File"/>.</summary>
    public bool Journal { get; init; }

    /// <summary>The folder of the journal's files; null for the machine's own.</summary>
    public string? JournalFolder { get; init; }

    /// <summary>How often the file is read. Default 250 ms.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>By user: what stands before the paths of one whose sessions see another root. With sockets the kernel tells it.</summary>
    public IReadOnlyDictionary<string, string> Chroots { get; init; } = new Dictionary<string, string>();

    /// <summary>What is not taken at once is gone: nothing keeps what was sent to a socket.</summary>
    public bool IsLive => Sockets.Count > 0;

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(new[] { Sockets.Count > 0, File is not null, Journal }.Count(given => given) == 1, "sockets", "or file or journal must be given, and only one");
        Require(Poll >= TimeSpan.FromMilliseconds(10), "poll", "must be 10ms or more");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
