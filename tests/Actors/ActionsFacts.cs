using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

internal static class ActionsFacts
{
    public static Facts Upload(string path) => Facts.OfEvent(new StoredEvent("0123456789abcdef", 7, new FtpEvent
    {
        ReceivedAt = DateTimeOffset.UnixEpoch, Kind = EventKind.Upload, Host = "ftp1", Service = "s", Source = "q", User = "bob", Path = path, Bytes = 5, Status = EventStatus.Ok,
    }), "0123456789abcdef-1");
}
