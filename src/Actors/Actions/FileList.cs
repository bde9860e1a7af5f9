using System.Runtime.InteropServices;
using FtpActors.Actors.Actions.Linux;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using Microsoft.Win32.SafeHandles;

namespace FtpActors.Actors.Actions;

/// <summary>
/// The paths of a session's files, each followed by a NUL (as <c>xargs -0</c> reads), in a file that lives as long as the program: there may be
/// more of them than an environment holds. Readable by its owner only, who is the user that the program runs as.
/// </summary>
internal sealed class FileList : IDisposable
{
    private const uint OwnerOnly = 0b110_000_000;

    private FileList(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null when the facts have no list of files.</summary>
    public static FileList? Of(Facts facts, string folder, Account? owner)
    {
        if (facts.Values.GetValueOrDefault("files") is not List<object?> files)
            return null;

        var list = new FileList(System.IO.Path.Combine(folder, $"ftpactors-files-{Guid.NewGuid():N}"));
        try
        {
            var fd = Libc.open(list.Path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, OwnerOnly);
            if (fd < 0)
                throw new IOException($"{list.Path} cannot be made: {Libc.Message(Marshal.GetLastPInvokeError())}");
            using (var stream = new FileStream(new SafeFileHandle(fd, ownsHandle: true), FileAccess.Write))
            {
                foreach (var file in files.OfType<IReadOnlyDictionary<string, object?>>())
                {
                    stream.Write(ReversibleText.ToBytes((string)file["path"]!));
                    stream.WriteByte(0);
                }
            }
            if (owner is not null && Libc.chown(list.Path, owner.UserId, owner.GroupId) != 0)
                throw new IOException($"{list.Path} cannot be given to {owner.Name}: {Libc.Message(Marshal.GetLastPInvokeError())}");
            return list;
        }
        catch
        {
            list.Dispose();
            throw;
        }
    }

    public void Dispose() => File.Delete(Path);
}
