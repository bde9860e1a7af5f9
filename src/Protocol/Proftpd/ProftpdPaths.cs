namespace FtpActors.Protocol.Proftpd;

/// <summary>Paths of ProFTPD's messages: made whole where the message lets us, and hidden names undone. Pure text; texts are <see cref="ReversibleText"/>, whose escapes have no slash.</summary>
internal static class ProftpdPaths
{
    /// <summary>The file of a command; null when the message names none.</summary>
    public static string? FileOf(ProftpdMessage m)
    {
        // %f is the path on the host; a transfer that did not open has its argument only.
        var path = m.File ?? m.TransferPath ?? m.Parameters;
        return path is null ? null : Whole(m, Shown(path, m.Parameters));
    }

    /// <summary>A path as an absolute one, by the session's folder; as it is when the message does not say that.</summary>
    public static string Whole(ProftpdMessage m, string path) =>
        IsWhole(path) || FolderOf(m) is not { } folder ? path : Clean(folder + "/" + path);

    /// <summary>Whether a path is absolute.</summary>
    public static bool IsWhole(string path) => path.StartsWith('/');

    /// <summary>
    /// With HiddenStores an upload is written as <c>.in.NAME.</c> and renamed by the server itself before the answer: its name is the one the client gave.
    /// </summary>
    private static string Shown(string path, string? given)
    {
        var slash = path.LastIndexOf('/') + 1;
        var name = path[slash..];
        return given is not null && name == $".in.{given[(given.LastIndexOf('/') + 1)..]}." ? path[..slash] + name[4..^1] : path;
    }

    // Of commands about folders %d is the last part of their argument; with %D it can be told.
    private static string? FolderOf(ProftpdMessage m) => m.DirPath is null && m.DirName is { } folder && IsWhole(folder) ? folder : null;

    private static string Clean(string path)
    {
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        }
        return "/" + string.Join('/', parts);
    }
}
