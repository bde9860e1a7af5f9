using System.Runtime.InteropServices;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Linux;

/// <summary>dirent.h: what is in a folder, with the very bytes of the names, which .NET's own reading loses when they are no UTF-8.</summary>
internal static unsafe partial class FolderCalls
{
    private const byte DT_UNKNOWN = 0;
    private const byte DT_DIR = 4;
    private const byte DT_REG = 8;

    // struct dirent of 64-bit glibc and of musl: inode and offset of 8 bytes, length of 2, type of 1, name.
    private const int TypeAt = 18;
    private const int NameAt = 19;

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The folder, as <see cref="ReversibleText"/>.</param>
    /// <param name="files">Gets the paths of its regular files.</param>
    /// <param name="folders">Gets the paths of its folders; links are followed by nobody.</param>
    /// <returns>False when it cannot be read: it may be gone.</returns>
    public static bool TryRead(string folder, List<string> files, List<string> folders)
    {
        byte[] name = [.. ReversibleText.ToBytes(folder), 0];
        nint open;
        fixed (byte* path = name)
            open = opendir(path);
        if (open == 0)
            return false;
        var prefix = folder.EndsWith('/') ? folder : folder + "/";
        try
        {
            for (var entry = readdir(open); entry != null; entry = readdir(open))
            {
                var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + NameAt);
                if (bytes is [(byte)'.'] or [(byte)'.', (byte)'.'])
                    continue;
                var path = prefix + ReversibleText.FromBytes(bytes);
                var type = entry[TypeAt];
                if (type == DT_UNKNOWN)
                    type = FileStatus.TryRead(ReversibleText.ToBytes(path), out _)?.Type switch { FileStatus.Folder => DT_DIR, FileStatus.Regular => DT_REG, _ => DT_UNKNOWN };
                if (type == DT_REG)
                    files.Add(path);
                else if (type == DT_DIR)
                    folders.Add(path);
            }
            return true;
        }
        finally
        {
            _ = closedir(open);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint opendir(byte* path);

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* readdir(nint folder);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int closedir(nint folder);
}
