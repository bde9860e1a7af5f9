namespace FtpActors.Actors.History.Tables;

/// <summary>Texts as both databases hold them.</summary>
internal static class StoredText
{
    // PostgreSQL holds no NUL, and SQLite is read up to it; names have none (ReversibleText), and one in any other text must not keep all else from being written.
    public static string Of(string text) => text.Replace("\0", "\\x00", StringComparison.Ordinal);
}
