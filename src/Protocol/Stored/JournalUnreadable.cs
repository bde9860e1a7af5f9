using System.Runtime.Serialization;

namespace FtpActors.Protocol.Stored;

/// <summary>Published on the event stream when a journal's file is so damaged that no beginning anew can read it: the node cannot go on with it.</summary>
/// <param name="Whose">Whose rows they are.</param>
/// <param name="Reason">What the database says.</param>
/// <param name="IsColumn">The file can be read, but the columns around a payload are not what they always are: they can be mended, and the payload's checksum tells the rest.</param>
public sealed record JournalUnreadable(string Whose, string Reason, bool IsColumn = false)
{
    // SQLite's result codes, sqlite3.h: the file is damaged, or is no database.
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>Of a failure; null when it may pass.</summary>
    /// <param name="whose">Whose rows they are.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="codeOf">SQLite's result code of an exception; null when it has none.</param>
    public static JournalUnreadable? Of(string whose, Exception? failure, Func<Exception, int?> codeOf)
    {
        ArgumentNullException.ThrowIfNull(codeOf);
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (codeOf(e) is Corrupt or NotADatabase)
                return new JournalUnreadable(whose, e.Message);
            if (e is InvalidCastException or FormatException or OverflowException or ArgumentException or SerializationException)
                return new JournalUnreadable(whose, e.Message, IsColumn: true);
        }
        return null;
    }
}
