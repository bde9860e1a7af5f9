namespace FtpActors.Node.Access;

/// <summary>By what a change of files is known: when they were written, and how long they are. A file that is not there has none.</summary>
internal readonly record struct FileState(DateTime First, long FirstBytes, DateTime Second, long SecondBytes)
{
    public static FileState Of(string first, string? second = null)
    {
        var (at, bytes) = Of(first);
        var (atSecond, bytesSecond) = second is null ? default : Of(second);
        return new FileState(at, bytes, atSecond, bytesSecond);
    }

    private static (DateTime At, long Bytes) Of(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }
}
