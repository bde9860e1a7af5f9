namespace FtpActors.Actors.Actions;

/// <summary>Tells one state of a file from another.</summary>
/// <param name="Written">Time of the last change of its content.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Created">Changes when another file is moved into its place.</param>
internal sealed record FileStamp(DateTime Written, long Length, DateTime Created)
{
    /// <summary>Null when there is no such file.</summary>
    public static FileStamp? Of(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.LastWriteTimeUtc, file.Length, file.CreationTimeUtc) : null;
    }
}
