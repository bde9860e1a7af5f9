using System.Globalization;
using System.Net;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

/// <summary>A scoreboard folder whose files are written as the server writes them.</summary>
internal sealed class TestScoreboard : IDisposable
{
    public TestScoreboard() => Folder = Directory.CreateTempSubdirectory("ftpactors-scoreboard-").FullName;

    public string Folder { get; }

    /// <summary>A session that is logged in and idle, of this very process unless told.</summary>
    public static ScoreboardEntry Session(int pid = 0, DateTimeOffset? startedAt = null, string account = "alice") => new()
    {
        State = ScoreboardState.Idle, Pid = pid == 0 ? Environment.ProcessId : pid, StartedAt = startedAt ?? Now, TransferStartedAt = startedAt ?? Now,
        Peer = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 50001), Local = new IPEndPoint(IPAddress.Loopback, 21), Account = account,
    };

    /// <summary>Now in whole seconds, as the server notes it.</summary>
    public static DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    public string PathOf(int pid) => Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"client-{pid:D8}"));

    public void Write(params ScoreboardEntry[] entries)
    {
        foreach (var entry in entries)
            Write(PathOf(entry.Pid), entry.Encode(ScoreboardLayout.Debian));
    }

    /// <summary>In place, in one write.</summary>
    public static void Write(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Write(bytes);
    }

    public void Remove(int pid) => File.Delete(PathOf(pid));

    public void Dispose()
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
    }
}
