namespace FtpActors.Protocol.Watching;

/// <summary>One state of a file: another content has another version.</summary>
/// <param name="Device">The file system.</param>
/// <param name="Inode">The file on it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedAt">Last change of the content, nanoseconds since 1970; whoever may write the file can set it.</param>
/// <param name="ChangedAt">Last change of content, mode, owner, name or links, nanoseconds since 1970; nobody can set it.</param>
public readonly record struct FileVersion(ulong Device, ulong Inode, long Size, long ModifiedAt, long ChangedAt)
{
    /// <summary>The same file with the same content, as far as can be told: it may have been renamed or had its mode changed.</summary>
    public bool HasContentOf(FileVersion other) => (Device, Inode, Size, ModifiedAt) == (other.Device, other.Inode, other.Size, other.ModifiedAt);

    /// <summary>The same file, whatever is in it.</summary>
    public bool IsFileOf(FileVersion other) => (Device, Inode) == (other.Device, other.Inode);
}

/// <summary>What the file system says of a regular file now.</summary>
/// <param name="Version">Its state.</param>
/// <param name="Links">Names that it has.</param>
/// <param name="Owner">User id of its owner.</param>
/// <param name="Group">Its group id.</param>
/// <param name="Permissions">Permission bits, with set-uid, set-gid and sticky.</param>
public readonly record struct FileLook(FileVersion Version, uint Links, uint Owner, uint Group = 0, int Permissions = 0);

/// <summary>The file system, for those who only look.</summary>
public interface IFileLooks
{
    /// <summary>Of a regular file; null when there is none at the path.</summary>
    FileLook? Look(string path);

    /// <summary>Whether somebody has it open for writing; null when that cannot be told.</summary>
    bool? HasWriter(string path);
}

/// <summary>A file that was told.</summary>
/// <param name="Path">Where.</param>
/// <param name="Version">In which state.</param>
/// <param name="Teller">Source that told it; "" for the watch itself.</param>
public sealed record KnownFile(string Path, FileVersion Version, string Teller);

/// <summary>The files that were told, durable.</summary>
public interface IKnownFiles
{
    /// <summary>What was told of a path; null when nothing was.</summary>
    KnownFile? At(string path);

    /// <summary>What was told of a file under its names.</summary>
    IReadOnlyList<KnownFile> Of(FileVersion version);

    /// <summary>Puts a file in, in the place of what was told of its path.</summary>
    void Put(KnownFile file);

    /// <summary>The same content of a path has another version.</summary>
    void Refresh(string path, FileVersion version);

    /// <summary>Takes out what was told of a path.</summary>
    void Remove(string path);
}
