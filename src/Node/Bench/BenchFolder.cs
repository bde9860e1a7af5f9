using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary>A folder for the journals of one benchmark, gone afterwards.</summary>
internal sealed class BenchFolder : IDisposable
{
    private readonly DirectoryInfo _folder;
    private int _made;

    public BenchFolder(string parent)
    {
        _folder = new DirectoryInfo(Path.Combine(Path.GetFullPath(parent), $"ftpactors-bench-{Environment.ProcessId}"));
        try
        {
            _folder.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Usage, $"--folder {parent}: {e.Message} Name a folder that can be written, on the disk that is to be measured.", e);
        }
    }

    /// <summary>A new, empty folder for one run.</summary>
    public string New() => _folder.CreateSubdirectory($"run-{++_made}").FullName;

    public void Dispose() => _folder.Delete(recursive: true);
}
