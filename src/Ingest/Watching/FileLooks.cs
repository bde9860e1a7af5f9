using FtpActors.Ingest.Linux;
using FtpActors.Protocol;
using FtpActors.Protocol.Watching;

namespace FtpActors.Ingest.Watching;

/// <summary>The machine's files.</summary>
internal sealed class FileLooks : IFileLooks
{
    /// <summary>Whether it could not be told who has a file open. Set by the first such file.</summary>
    public bool IsBlind { get; private set; }

    public FileLook? Look(string path) =>
        FileStatus.TryRead(ReversibleText.ToBytes(path), out _) is { Type: FileStatus.Regular } status ? Of(status) : null;

    public bool? HasWriter(string path)
    {
        var has = FileLease.HasWriter(ReversibleText.ToBytes(path));
        IsBlind |= has is null;
        return has;
    }

    private static FileLook Of(FileStatus s) =>
        new(new FileVersion(s.Device, s.Inode, s.Size, s.ModifiedNs, s.ChangedNs), s.Links, s.Uid, s.Gid, s.Permissions);
}
