using System.Globalization;
using FtpActors.Protocol;

namespace FtpActors.Actors;

/// <summary>
/// What a source says of a session beyond the fields of an event, in <see cref="SessionWords"/>. A running transfer began at the event's
/// <see cref="FtpEvent.Time"/>.
/// </summary>
internal static class SessionDetails
{
    /// <summary>Takes them, after the event has changed the session's state.</summary>
    public static void Take(SessionRecord session, FtpEvent e)
    {
        if (session.State is not (SessionState.Downloading or SessionState.Uploading))
            Forget(session);
        // Only sources with sessions of their own write these words; in others they might be a stranger's text (fields that NcFTPd's format does not have).
        if (e is not { Session.Length: > 0, Extra: { } words })
            return;

        session.Local = Value(words, SessionWords.Local) ?? session.Local;
        if (session.State is not (SessionState.Downloading or SessionState.Uploading) || !words.Any(IsOfTransfer))
            return;
        (session.BytesTotal, session.RestartAt, session.TransferStartedAt) = (Number(words, SessionWords.Total), Number(words, SessionWords.Restart), e.Time);
    }

    /// <summary>Forgets the transfer: it is over.</summary>
    public static void Forget(SessionRecord session) => (session.BytesTotal, session.RestartAt, session.TransferStartedAt) = (null, null, null);

    private static bool IsOfTransfer(string word) => word.StartsWith(SessionWords.Total, StringComparison.Ordinal) || word.StartsWith(SessionWords.Restart, StringComparison.Ordinal);

    private static string? Value(IReadOnlyList<string> words, string name) => words.FirstOrDefault(w => w.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private static long? Number(IReadOnlyList<string> words, string name) =>
        long.TryParse(Value(words, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
