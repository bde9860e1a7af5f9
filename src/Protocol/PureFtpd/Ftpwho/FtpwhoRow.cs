using System.Globalization;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// What pure-ftpwho prints of one session, in its own terms and with its own arithmetic (pure-ftpwho.c of 1.0.50, and measured). A figure that is not known
/// is 0 and a name that is not known is empty, as pure-ftpwho prints them.
/// </summary>
public sealed record FtpwhoRow
{
    /// <summary>Process of the session on its host.</summary>
    public int Pid { get; init; }
    /// <summary>Login name as <see cref="ReversibleText"/>; <c>?</c> before the login.</summary>
    public string Account { get; init; } = "?";
    /// <summary>Whole seconds since the session began.</summary>
    public long Seconds { get; init; }
    /// <summary>What the session does.</summary>
    public ScoreboardState State { get; init; } = ScoreboardState.Idle;
    /// <summary>File of the running transfer as <see cref="ReversibleText"/>; "" while idle.</summary>
    public string File { get; init; } = "";
    /// <summary>The client's address or name.</summary>
    public string Peer { get; init; } = "";
    /// <summary>The server's address or name.</summary>
    public string LocalHost { get; init; } = "";
    /// <summary>The server's port.</summary>
    public int LocalPort { get; init; }
    /// <summary>Where in the file the transfer began, bytes.</summary>
    public long RestartAt { get; init; }
    /// <summary>Size of the file, bytes; only of a download.</summary>
    public long TotalSize { get; init; }
    /// <summary>Position in the file, bytes, with <see cref="RestartAt"/>; 0 while idle.</summary>
    public long CurrentSize { get; init; }
    /// <summary>Bytes per second since the transfer began.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>The state in four characters, some of them spaces.</summary>
    public string StateWord => State switch
    {
        ScoreboardState.Idle => "IDLE",
        ScoreboardState.Download => " DL ",
        ScoreboardState.Upload => " UL ",
        _ => "ERR!",
    };

    /// <summary>How much of the file is done, 0 to 100, rounded to the nearest; 0 when its size is not known.</summary>
    public int Percent => TotalSize > 0 ? (int)Int128.Min(100, ((Int128)CurrentSize * 200 + TotalSize) / ((Int128)TotalSize * 2)) : 0;

    /// <summary>Hours and minutes since the session began, <c>hh:mm</c>.</summary>
    internal string HoursAndMinutes => string.Create(CultureInfo.InvariantCulture, $"{Seconds / 3600:00}:{Seconds / 60 % 60:00}");

    /// <summary>The row of a scoreboard file; null where pure-ftpwho prints none (an entry that the server has not filled, or that is free).</summary>
    /// <param name="entry">The file.</param>
    /// <param name="now">The time of printing; parts of a second do not count.</param>
    public static FtpwhoRow? Of(ScoreboardEntry entry, DateTimeOffset now)
    {
        if (entry.State == ScoreboardState.Free || entry is not { Peer: { } peer, Local: { } local })
            return null;
        var busy = entry.State is ScoreboardState.Download or ScoreboardState.Upload;
        var current = busy ? entry.CurrentSize : 0;
        var restartAt = entry.RestartAt <= entry.CurrentSize ? entry.RestartAt : 0;
        return new FtpwhoRow
        {
            Pid = entry.Pid, Account = entry.Account, Seconds = SecondsBetween(entry.StartedAt, now), State = entry.State, File = entry.File,
            Peer = peer.Address.ToString(), LocalHost = local.Address.ToString(), LocalPort = local.Port,
            RestartAt = restartAt, TotalSize = entry.State == ScoreboardState.Download ? entry.TotalSize : 0, CurrentSize = current,
            BytesPerSecond = Rate(current, restartAt, SecondsBetween(entry.TransferStartedAt, now)),
        };
    }

    /// <summary>Seconds between two times by a clock that shows whole seconds; 0 when they are in the wrong order.</summary>
    public static long SecondsBetween(DateTimeOffset from, DateTimeOffset to) => Math.Max(0, to.ToUnixTimeSeconds() - from.ToUnixTimeSeconds());

    /// <summary>Bytes per second of a transfer; 0 in its first second.</summary>
    /// <param name="current">Position in the file.</param>
    /// <param name="restartAt">Where it began.</param>
    /// <param name="seconds">Since when.</param>
    public static long Rate(long current, long restartAt, long seconds) =>
        current > 0 && current > restartAt && seconds > 0 ? (current - restartAt) / seconds : 0;
}
