namespace FtpActors.Ingest.PureFtpd;

/// <summary>What a record or a line says of its transfer, to find the session in the scoreboard.</summary>
/// <param name="IsUpload">Which way.</param>
/// <param name="Account">Login.</param>
/// <param name="Path">Full path.</param>
/// <param name="Size">Bytes of the file at once, null when there was none.</param>
/// <param name="Bytes">Bytes that were transferred, null when not said.</param>
/// <param name="Host">The client, "" when not said.</param>
/// <param name="Session">The session, null when not said.</param>
internal sealed record TransferClue(bool IsUpload, string Account, string Path, long? Size, long? Bytes, string Host, string? Session)
{
    /// <summary>Looks among the transfers that the scoreboard showed, then among the sessions of the account.</summary>
    public Choice Choose(IReadOnlyList<PendingTransfer> pending, IReadOnlyCollection<TrackedSession> sessions)
    {
        var shown = pending
            .Where(p => p.IsUpload == IsUpload && p.Path is null && p.Account == Account && p.Transfer!.MayBe(Path))
            .Select(p => new Choice(p, null, p.Transfer, p.Session, p.Peer))
            .Concat(sessions.Where(s => s.Account == Account && s.Transfer is { ClaimedAt: null } t && t.IsUpload == IsUpload && t.MayBe(Path))
                .Select(s => new Choice(null, s, s.Transfer, s.Id, s.Peer)));
        var found = Narrow(shown);
        if (found.Count == 0)
        {
            // Over before it was seen. Figures that fit are a hint; without one every session of the account may have done it.
            found = Narrow(sessions.Where(s => s.Account == Account).Select(s => new Choice(null, s, FittingUnseen(s), s.Id, s.Peer)));
        }
        if (found.Count == 0)
            return default;
        // One of them is taken in any case, so that each transfer is told once.
        return found[0] with { IsAmbiguous = found.Exists(c => c.SessionId != found[0].SessionId) };
    }

    // The figures of a download are the size of its file and how far it came: a short one is so told from a whole one that began in the middle.
    private Transfer? FittingUnseen(TrackedSession s) => s.Unseen is { ClaimedAt: null } t && (IsUpload
        ? t.Total == t.Position && t.Position == Size
        : t.Total == Size && t.Position - t.RestartAt == Bytes) ? t : null;

    private List<Choice> Narrow(IEnumerable<Choice> choices)
    {
        var all = choices.ToList();
        Keep(all, c => Session is not null && c.SessionId == Session);
        Keep(all, c => Host.Length > 0 && c.Peer == Host);
        Keep(all, c => c.Transfer is { } t && t.File.Length > 0 && t.Ends(Path));
        // An upload is as long as its file when it is over.
        Keep(all, c => IsUpload && c.Transfer is { } t && t.Position == Size);
        return all;
    }

    // A clue that fits nobody (a host name for an address, a link in the path) tells nothing.
    private static void Keep(List<Choice> all, Predicate<Choice> fits)
    {
        if (all.Exists(fits))
            all.RemoveAll(c => !fits(c));
    }

    /// <summary>What was found; nothing by default.</summary>
    /// <param name="Pending">A transfer that the scoreboard saw end.</param>
    /// <param name="Session">A session that is there.</param>
    /// <param name="Transfer">Its transfer, as far as it was seen.</param>
    /// <param name="SessionId">Its name.</param>
    /// <param name="Peer">Its client.</param>
    /// <param name="IsAmbiguous">Other sessions fit as well.</param>
    public readonly record struct Choice(
        PendingTransfer? Pending, TrackedSession? Session, Transfer? Transfer, string? SessionId, string Peer, bool IsAmbiguous = false);
}
