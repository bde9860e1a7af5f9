using System.Buffers;

namespace FtpActors.Protocol.Stored;

/// <summary>
/// An event's own canonical bytes, as every spool and journal stores them: the same event gives the same bytes, and no place it is stored in adds to them.
/// First comes a number that says which of the optional fields follow, then the fields in the order of <see cref="FtpEvent"/>.
/// <para>Old bytes stay readable for ever: a new field takes the next bit, and none is used twice.</para>
/// </summary>
public static class EventBytes
{
    [Flags]
    private enum Has : uint
    {
        Nothing = 0,
        Time = 1 << 0,
        Service = 1 << 1,
        Session = 1 << 2,
        User = 1 << 3,
        Email = 1 << 4,
        RemoteHost = 1 << 5,
        Path = 1 << 6,
        PathTo = 1 << 7,
        Bytes = 1 << 8,
        Seconds = 1 << 9,
        Status = 1 << 10,
        Flags = 1 << 11,
        Type = 1 << 12,
        Extra = 1 << 13,
        Fingerprint = 1 << 14,
        PathFrom = 1 << 15,
        All = (1 << 16) - 1,
    }

    /// <summary>Writes an event.</summary>
    public static void Write(IBufferWriter<byte> output, FtpEvent e)
    {
        var to = new ByteWriter(output);
        var has = FieldsOf(e);
        to.Count((uint)has);
        to.Byte((byte)e.Kind);
        to.Time(e.ReceivedAt);
        to.Text(e.Host);
        to.Text(e.Source);
        if (e.Time is { } time)
            to.Time(time);
        if (e.Service.Length > 0)
            to.Text(e.Service);
        Text(to, e.Session);
        if (e.User.Length > 0)
            to.Text(e.User);
        Text(to, e.Email);
        if (e.RemoteHost.Length > 0)
            to.Text(e.RemoteHost);
        Text(to, e.Path);
        Text(to, e.PathTo);
        if (e.Bytes is { } bytes)
            to.Int64(bytes);
        if (e.Seconds is { } seconds)
            to.Double(seconds);
        if (e.Status != EventStatus.Unknown)
            to.Byte((byte)e.Status);
        if (e.Flags != EventFlags.None)
            to.Count((uint)e.Flags);
        Text(to, e.Type);
        if (e.Extra is { } extra)
        {
            to.Count((ulong)extra.Count);
            foreach (var field in extra)
                to.Text(field);
        }
        Text(to, e.Fingerprint);
        Text(to, e.PathFrom);
    }

    /// <summary>Reads an event; null when the bytes are none, and the reader is not good any more then.</summary>
    public static FtpEvent? Read(ref ByteReader from)
    {
        var has = (Has)from.Count();
        var kind = (EventKind)from.Byte();
        if ((has & ~Has.All) != 0 || !Enum.IsDefined(kind))
            return from.Fail<FtpEvent?>(null);
        var e = new FtpEvent
        {
            Kind = kind,
            ReceivedAt = from.Time(),
            Host = from.Text(),
            Source = from.Text(),
            Time = has.HasFlag(Has.Time) ? from.Time() : null,
            Service = has.HasFlag(Has.Service) ? from.Text() : "",
            Session = has.HasFlag(Has.Session) ? from.Text() : null,
            User = has.HasFlag(Has.User) ? from.Text() : "",
            Email = has.HasFlag(Has.Email) ? from.Text() : null,
            RemoteHost = has.HasFlag(Has.RemoteHost) ? from.Text() : "",
            Path = has.HasFlag(Has.Path) ? from.Text() : null,
            PathTo = has.HasFlag(Has.PathTo) ? from.Text() : null,
            Bytes = has.HasFlag(Has.Bytes) ? from.Int64() : null,
            Seconds = has.HasFlag(Has.Seconds) ? from.Double() : null,
            Status = has.HasFlag(Has.Status) ? (EventStatus)from.Byte() : EventStatus.Unknown,
            Flags = has.HasFlag(Has.Flags) ? (EventFlags)from.Count() : EventFlags.None,
            Type = has.HasFlag(Has.Type) ? from.Text() : null,
            Extra = has.HasFlag(Has.Extra) ? Texts(ref from) : null,
            Fingerprint = has.HasFlag(Has.Fingerprint) ? from.Text() : null,
            PathFrom = has.HasFlag(Has.PathFrom) ? from.Text() : null,
        };
        return from.IsGood && Enum.IsDefined(e.Status) ? e : from.Fail<FtpEvent?>(null);
    }

    private static Has FieldsOf(FtpEvent e) =>
        Bit(e.Time is not null, Has.Time) | Bit(e.Service.Length > 0, Has.Service) | Bit(e.Session is not null, Has.Session) | Bit(e.User.Length > 0, Has.User)
            | Bit(e.Email is not null, Has.Email) | Bit(e.RemoteHost.Length > 0, Has.RemoteHost) | Bit(e.Path is not null, Has.Path)
            | Bit(e.PathTo is not null, Has.PathTo) | Bit(e.Bytes is not null, Has.Bytes) | Bit(e.Seconds is not null, Has.Seconds)
            | Bit(e.Status != EventStatus.Unknown, Has.Status) | Bit(e.Flags != EventFlags.None, Has.Flags) | Bit(e.Type is not null, Has.Type)
            | Bit(e.Extra is not null, Has.Extra) | Bit(e.Fingerprint is not null, Has.Fingerprint)
            | Bit(e.PathFrom is not null, Has.PathFrom);

    private static Has Bit(bool holds, Has bit) => holds ? bit : Has.Nothing;

    private static void Text(ByteWriter to, string? text)
    {
        if (text is not null)
            to.Text(text);
    }

    private static string[] Texts(ref ByteReader from)
    {
        var texts = new string[from.Length()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = from.Text();
        return texts;
    }
}
