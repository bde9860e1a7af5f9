using FtpActors.Ingest.Linux;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>The scoreboard folder and its notices. Belongs to one thread.</summary>
internal sealed class ScoreboardInput : IDisposable
{
    private readonly string _folder;
    private readonly SourceReport _report;
    private readonly ScoreboardFiles _files;
    private readonly FolderWatch? _watch;

    public ScoreboardInput(string folder, SourceReport report)
    {
        (_folder, _report, _files) = (folder, report, new ScoreboardFiles(folder));
        _watch = FolderWatch.TryOpen(folder, out var trouble);
        report.Warn("inotify", trouble);
    }

    /// <summary>Why it cannot be read now, null when it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>To poll: readable when files came or went; null when the poll alone tells.</summary>
    public int? File => _watch?.File;

    public ScoreboardReading Read()
    {
        // The watch first: what comes between is then told by the next notice.
        _watch?.Renew();
        var reading = _files.Read();
        Trouble = reading.Trouble;
        _report.Warn("scoreboard", Directory.Exists(_folder)
            ? null
            : $"There is no folder {_folder}. Pure-FTPd makes it for its first client; if there are clients, the setting scoreboard names another folder than the server's.");
        _report.Warn("refused", reading.Refused.Count == 0
            ? null
            : $"{reading.Refused.Count} files of the scoreboard are of no known build of Pure-FTPd, and their sessions are not seen: {string.Join("; ", reading.Refused.Take(3))}");
        return reading;
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _files.Dispose();
    }
}
