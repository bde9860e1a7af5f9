using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using FtpActors.Protocol.Stored;

namespace FtpActors.Actors.Stored;

/// <summary>The bytes of a session.</summary>
internal static class SessionBytes
{
    public static void Write(ByteWriter to, SessionRecord s)
    {
        to.Text(s.Id);
        to.Text(s.Key.Host);
        to.Text(s.Key.Service);
        to.Text(s.Key.User);
        to.Text(s.Key.RemoteHost);
        to.Text(s.Key.ServerSession);
        to.Text(s.User);
        to.Text(s.RemoteHost);
        to.TextOrNull(s.Local);
        to.TextOrNull(s.Email);
        to.Time(s.OpenedAt);
        to.TimeOrNull(s.ClosedAt);
        to.Byte((byte)s.Began);
        to.NumberOrNull((long?)s.Ended);
        to.Byte((byte)s.State);
        to.Byte((byte)s.Certainty);
        to.TextOrNull(s.Path);
        to.Int64(s.BytesNow);
        to.NumberOrNull(s.BytesTotal);
        to.NumberOrNull(s.RestartAt);
        to.TimeOrNull(s.TransferStartedAt);
        to.Double(s.Rate);
        to.Count((ulong)s.Uploads);
        to.Count((ulong)s.Downloads);
        to.Int64(s.BytesUp);
        to.Int64(s.BytesDown);
        to.Count((ulong)s.Failures);
        to.Count((ulong)s.Deletes);
        to.Count((ulong)s.Mkdirs);
        to.Count((ulong)s.Renames);
        to.Count((ulong)s.Other);
        to.Time(s.LastAt);
    }

    public static SessionRecord Read(ref ByteReader from) => new()
    {
        Id = from.Text(),
        Key = new SessionKey(from.Text(), from.Text(), from.Text(), from.Text(), from.Text()),
        User = from.Text(),
        RemoteHost = from.Text(),
        Local = from.TextOrNull(),
        Email = from.TextOrNull(),
        OpenedAt = from.Time(),
        ClosedAt = from.TimeOrNull(),
        Began = from.Enum<SessionBegan>(),
        Ended = (SessionEnded?)from.NumberOrNull(),
        State = from.Enum<SessionState>(),
        Certainty = from.Enum<SessionCertainty>(),
        Path = from.TextOrNull(),
        BytesNow = from.Int64(),
        BytesTotal = from.NumberOrNull(),
        RestartAt = from.NumberOrNull(),
        TransferStartedAt = from.TimeOrNull(),
        Rate = from.Double(),
        Uploads = (int)from.Count(),
        Downloads = (int)from.Count(),
        BytesUp = from.Int64(),
        BytesDown = from.Int64(),
        Failures = (int)from.Count(),
        Deletes = (int)from.Count(),
        Mkdirs = (int)from.Count(),
        Renames = (int)from.Count(),
        Other = (int)from.Count(),
        LastAt = from.Time(),
    };

    public static void Write(ByteWriter to, SessionFile file)
    {
        to.Byte((byte)file.Kind);
        to.Text(file.Path);
        to.NumberOrNull(file.Bytes);
        to.Byte((byte)file.Status);
        to.Time(file.Time);
    }

    public static SessionFile ReadFile(ref ByteReader from) => new(from.Enum<EventKind>(), from.Text(), from.NumberOrNull(), from.Enum<EventStatus>(), from.Time());
}
