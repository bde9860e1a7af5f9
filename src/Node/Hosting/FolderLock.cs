using System.Globalization;
using FtpActors.Protocol;

namespace FtpActors.Node.Hosting;

/// <summary>
/// Makes this process the only owner of a data folder, for as long as it lives: the kernel drops the lock with the process, however it ends.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _held;

    private FolderLock(FileStream held) => _held = held;

    /// <exception cref="JournalUnusableException">Another process has the folder, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        // A file that is locked cannot be read by others here, so the owner's pid stands in a file of its own, for people.
        var owner = Path.Combine(folder, "journal.pid");
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            var held = new FileStream(Path.Combine(folder, "journal.lock"), Options(FileShare.None));
            try
            {
                using var pid = new StreamWriter(new FileStream(owner, Options(FileShare.ReadWrite)));
                pid.BaseStream.SetLength(0);
                pid.Write(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            }
            catch
            {
                held.Dispose();
                throw;
            }
            return new FolderLock(held);
        }
        catch (IOException e) when (File.Exists(owner) && IsLocked(e))
        {
            throw new JournalUnusableException(
                $"The data folder {folder} is in use by process {ReadPid(owner)}. Stop that one, or give this node a folder of its own.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalUnusableException(
                $"The data folder {folder} cannot be written: {e.Message} Check its owner and mode, that its disk is not full, "
                + "and that its file system is not mounted read-only.", e);
        }
    }

    public void Dispose() => _held.Dispose();

    private static FileStreamOptions Options(FileShare share) => new()
    {
        Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share, UnixCreateMode = OwnerOnly, BufferSize = 0,
    };

    // EWOULDBLOCK of flock(2), which .NET hands on as the HResult.
    private static bool IsLocked(IOException e) => e.HResult == 11;

    private static string ReadPid(string owner)
    {
        using var reader = new StreamReader(new FileStream(owner, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Trim();
    }
}
