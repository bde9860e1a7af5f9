using System.Text;

namespace FtpActors.Protocol.NcFtpd;

/// <summary>The words of the format, and what they mean to us.</summary>
internal static class NcFtpdWords
{
    private const int LongestWord = 16;

    // Words that come with most messages: looked up instead of made anew. By length, so that a look-up compares very few.
    private static readonly (byte[] Bytes, string Text)[][] ByLength = Arrange(
        "UPLOAD", "DOWNLOAD", "LOGIN", "LOGOUT", "LISTING", "LIST", "DELETE", "MKDIR", "MKD", "RMDIR", "RMD", "RENAME", "SYMLINK", "LINK",
        "CHMOD", "FAILEDAUTH", "OK", "ABOR", "INCOMPLETE", "ERROR", "PERM", "NOENT", "I", "A", "to", "X", "RECURSIVE", "anonymous", "localhost",
        "Df", "Po", "Ps", "PsSf", "PoSf", "DfSf", "PsMm", "PoMm", "644", "755", ".tar", ".tar.gz", ".tar.Z");

    /// <summary>The text of a token.</summary>
    public static string Text(ReadOnlySpan<byte> token)
    {
        if (token.IsEmpty)
            return "";
        if (token.Length <= LongestWord)
        {
            foreach (var (bytes, text) in ByLength[token.Length])
            {
                if (token.SequenceEqual(bytes))
                    return text;
            }
        }
        return ReversibleText.FromBytes(token);
    }

    /// <summary>The kind for a type word: as spelled, then in any case.</summary>
    public static EventKind Kind(string type)
    {
        var kind = ExactKind(type);
        return kind == EventKind.Other && type.Length <= LongestWord ? ExactKind(type.ToUpperInvariant()) : kind;
    }

    /// <summary>Whether this spelling is the usual one of its kind, so that the kind alone tells it.</summary>
    public static bool IsUsual(string type) =>
        type is "UPLOAD" or "DOWNLOAD" or "LOGIN" or "LOGOUT" or "LISTING" or "DELETE" or "MKDIR" or "RMDIR" or "RENAME" or "SYMLINK" or "CHMOD"
            or "FAILEDAUTH";

    /// <summary>The status for a word; <see cref="EventStatus.Unknown"/> for any other.</summary>
    public static EventStatus Status(string? word) => word switch
    {
        "OK" => EventStatus.Ok,
        "ABOR" => EventStatus.Aborted,
        "INCOMPLETE" => EventStatus.Incomplete,
        "ERROR" => EventStatus.Failed,
        "PERM" => EventStatus.Denied,
        "NOENT" => EventStatus.NotFound,
        _ => EventStatus.Unknown,
    };

    private static EventKind ExactKind(string type) => type switch
    {
        "UPLOAD" => EventKind.Upload,
        "DOWNLOAD" => EventKind.Download,
        "LOGIN" => EventKind.Login,
        "LOGOUT" => EventKind.Logout,
        "LISTING" or "LIST" => EventKind.List,
        "DELETE" => EventKind.Delete,
        "MKDIR" or "MKD" => EventKind.Mkdir,
        "RMDIR" or "RMD" => EventKind.Rmdir,
        "RENAME" => EventKind.Rename,
        "SYMLINK" or "LINK" => EventKind.Symlink,
        "CHMOD" => EventKind.Chmod,
        "FAILEDAUTH" => EventKind.LoginFailed,
        _ => EventKind.Other,
    };

    private static (byte[] Bytes, string Text)[][] Arrange(params string[] words) =>
    [
        .. Enumerable.Range(0, LongestWord + 1).Select(n =>
            words.Where(w => w.Length == n).Select(w => (Encoding.ASCII.GetBytes(w), w)).ToArray()),
    ];
}
