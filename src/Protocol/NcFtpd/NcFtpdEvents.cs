namespace FtpActors.Protocol.NcFtpd;

/// <summary>What a message says, in our own terms.</summary>
public static class NcFtpdEvents
{
    /// <summary>
    /// Makes the event of a message.
    /// <para>
    /// NcFTPd reports deletes, renames and the like only when they worked (so its log pages; inferred for messages), so these are <c>ok</c>, as are logins
    /// and logouts. A transfer or listing has its own word. <see cref="FtpEvent.Extra"/> gets what has no place of its own, in the order of the message:
    /// named fields as <c>name=value</c> (<c>field3</c>, <c>suffix</c>, <c>type</c> when it is not I, <c>notes</c>, <c>pattern</c>, <c>recursion</c>,
    /// <c>mode</c>; blank ones are left out), then, as they came, texts that should be numbers, a status word that is not known, and the
    /// message's extra tokens. The rate is left out: bytes and seconds say it.
    /// </para>
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="receivedAt">When our node received it; cut to the microsecond.</param>
    /// <param name="host">Name of the FTP host.</param>
    /// <param name="source">Name of the source in the configuration.</param>
    /// <param name="swapHosts">
    /// False: token 5 is the server and token 6 the client, which is what the only known re-implementation sends. True: the other way round. A
    /// choice of the configuration, because the vendor's table is lost.
    /// </param>
    /// <param name="fingerprint">See <see cref="FtpEvent.Fingerprint"/>.</param>
    public static FtpEvent ToEvent(
        NcFtpdMessage message, DateTimeOffset receivedAt, string host, string source, bool swapHosts = false, string? fingerprint = null)
    {
        var kind = NcFtpdWords.Kind(message.Type);
        return new FtpEvent
        {
            ReceivedAt = new DateTimeOffset(receivedAt.UtcTicks - receivedAt.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero),
            Time = message.StartedAt,
            Kind = kind,
            Host = host,
            Service = swapHosts ? message.Host2 : message.Host1,
            Source = source,
            User = message.User,
            Email = message.Email.Length > 0 ? message.Email : null,
            RemoteHost = swapHosts ? message.Host1 : message.Host2,
            Path = message.Path,
            PathTo = message.PathTo,
            Bytes = message.Bytes,
            Seconds = message.Seconds,
            Status = StatusOf(kind, message.Status),
            Flags = message.Flags,
            Type = NcFtpdWords.IsUsual(message.Type) ? null : message.Type,
            Extra = ExtraOf(message),
            Fingerprint = fingerprint,
        };
    }

    /// <summary>The kind that a type word stands for, in any of its known spellings; <see cref="EventKind.Other"/> for an unknown word.</summary>
    public static EventKind KindOf(string type) => NcFtpdWords.Kind(type);

    private static EventStatus StatusOf(EventKind kind, string? word) => kind switch
    {
        EventKind.Upload or EventKind.Download or EventKind.List => NcFtpdWords.Status(word),
        EventKind.LoginFailed => EventStatus.Denied,
        EventKind.Other => EventStatus.Unknown,
        _ => EventStatus.Ok,
    };

    private static List<string>? ExtraOf(NcFtpdMessage m)
    {
        List<string>? extra = null;
        Add("field3=", m.Field3);
        Add("suffix=", m.Suffix);
        if (m.TransferType != "I")
            Add("type=", m.TransferType);
        Add("notes=", m.Notes);
        Add("pattern=", m.Pattern);
        Add("recursion=", m.Recursion);
        Add("mode=", m.Mode);
        if (m.BadNumbers.Count > 0)
            (extra ??= []).AddRange(m.BadNumbers);
        if (m.Flags.HasFlag(EventFlags.UnknownStatus))
            Add("", m.Status);
        // Blank reserved places, which raise no flag, say nothing.
        if (m.Extra.Count > 0 && (m.Flags & (EventFlags.ExtraFields | EventFlags.UnknownType)) != 0)
            (extra ??= []).AddRange(m.Extra);
        return extra;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                (extra ??= []).Add(name + value);
        }
    }
}
