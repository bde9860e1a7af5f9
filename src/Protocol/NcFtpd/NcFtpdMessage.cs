namespace FtpActors.Protocol.NcFtpd;

/// <summary>
/// One message of NcFTPd's event daemon (<c>ncftpd_eventd</c>), as it stands on the wire.
/// <para>
/// How sure the format is. Documented by the vendor: the framing (<c>STR</c>, three digits of length, tokens ended by line feeds), that the
/// first token is the type, that the next five are the same for all types, and one example of an <c>UPLOAD</c>. Inferred, from that example, the
/// vendor's log formats and a user's re-implementation: the meaning and order of the other fields. Unknown: <see cref="Field3"/>, which of
/// <see cref="Host1"/> and <see cref="Host2"/> is the client, all fields of <c>LOGOUT</c>, the exact words for several types, and how a line feed
/// inside a name is written. No capture of a real message is known. So nothing here refuses a message for its content: see <see cref="NcFtpdDecoder"/>.
/// </para>
/// <para>
/// All texts are in the form of <see cref="ReversibleText"/>. <c>null</c> is a field that is absent or does not belong to the type, <c>""</c> is
/// one that was sent blank. A blank last field without a final line feed cannot be told from an absent one.
/// </para>
/// </summary>
public sealed record NcFtpdMessage
{
    /// <summary>Token 1, the type in the sender's own spelling. Only <c>UPLOAD</c> is certain from the vendor.</summary>
    public required string Type { get; init; }
    /// <summary>Token 2, login name; <c>anonymous</c> for anonymous users. Inferred, firm.</summary>
    public string User { get; init; } = "";
    /// <summary>Token 3, meaning unknown; blank in the vendor's example.</summary>
    public string Field3 { get; init; } = "";
    /// <summary>Token 4, e-mail given as password by an anonymous user, else blank. Inferred, firm.</summary>
    public string Email { get; init; } = "";
    /// <summary>Token 5, probably the server's or virtual domain's name. Uncertain.</summary>
    public string Host1 { get; init; } = "";
    /// <summary>Token 6, probably the client's name or address. Uncertain.</summary>
    public string Host2 { get; init; } = "";
    /// <summary>Path on the server; old name of a rename; the existing path that a symbolic link points to.</summary>
    public string? Path { get; init; }
    /// <summary>What stands between the two paths of a rename or symbolic link: <c>to</c> in the vendor's log, <c>X</c> from the re-implementation.</summary>
    public string? Middle { get; init; }
    /// <summary>New name of a rename, or the link that was made.</summary>
    public string? PathTo { get; init; }
    /// <summary>Bytes transferred (not the size of the file), from 0; null when unknown (-1 or blank on the wire) or no number.</summary>
    public long? Bytes { get; init; }
    /// <summary>Duration in seconds, from 0 to below 1e9; null when unknown or no number.</summary>
    public double? Seconds { get; init; }
    /// <summary>
    /// Rate in units of 1024 bytes per second; null when unknown or no number. Made by the server from an unrounded duration, so it need not
    /// agree with <see cref="Bytes"/> and <see cref="Seconds"/>.
    /// </summary>
    public double? Rate { get; init; }
    /// <summary>Suffix of a conversion made on the fly (<c>.tar</c>, <c>.tar.gz</c>), mostly blank.</summary>
    public string? Suffix { get; init; }
    /// <summary>The status word as sent: OK, ABOR, INCOMPLETE, ERROR, PERM, NOENT, or anything else.</summary>
    public string? Status { get; init; }
    /// <summary>I for binary, A for text.</summary>
    public string? TransferType { get; init; }
    /// <summary>Two-letter notes run together, such as <c>PsSf</c> (passive, sendfile).</summary>
    public string? Notes { get; init; }
    /// <summary>Start of the transfer, whole seconds; null when unknown or no usable number. See <see cref="NcFtpdDecoder.LatestStart"/>.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    /// <summary>Filter of a listing, mostly blank.</summary>
    public string? Pattern { get; init; }
    /// <summary><c>RECURSIVE</c> or blank, of a listing.</summary>
    public string? Recursion { get; init; }
    /// <summary>New permission bits of a chmod as sent, three octal digits.</summary>
    public string? Mode { get; init; }
    /// <summary>Texts that stood where a number belongs, in their order (<see cref="EventFlags.BadNumber"/>).</summary>
    public IReadOnlyList<string> BadNumbers { get; init; } = [];
    /// <summary>Tokens after the known ones, in their order: reserved slots, the statistics of a logout, everything of an unknown type.</summary>
    public IReadOnlyList<string> Extra { get; init; } = [];
    /// <summary>The length that the header declares, 0 to 999. Not used by the encoder, which counts for itself.</summary>
    public int DeclaredLength { get; init; }
    /// <summary>Doubts of the decoder. Not used by the encoder.</summary>
    public EventFlags Flags { get; init; }
}
