using FtpActors.Protocol;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>
/// Random sessions in clean order, and the same as UDP may deliver them: every datagram up to 200 ms late, some of them up to three times.
/// </summary>
internal static class DisorderedTraffic
{
    public static List<FtpEvent> Clean(Random random)
    {
        var events = new List<FtpEvent>();
        var users = random.Next(1, 6);
        for (var user = 0; user < users; user++)
        {
            var at = random.Next(0, 500) + 0.0;
            var sessions = random.Next(1, 4);
            for (var n = 0; n < sessions; n++)
            {
                AddSession(events, random, $"user{user}", n, ref at);
                // Two sessions of one identity closer than the windows cannot be told apart: a stated limit.
                at += 800 + random.Next(0, 2000);
            }
        }
        return [.. events.OrderBy(e => e.ReceivedAt)];
    }

    public static IEnumerable<FtpEvent> Disorder(List<FtpEvent> clean, Random random)
    {
        var arrivals = new List<FtpEvent>();
        foreach (var e in clean)
        {
            var copies = random.Next(4) == 0 ? random.Next(2, 4) : 1;
            for (var copy = 0; copy < copies; copy++)
                arrivals.Add(e with { ReceivedAt = e.ReceivedAt.AddMilliseconds(random.Next(0, 200)), Fingerprint = Fingerprint(e) });
        }
        return arrivals.OrderBy(e => e.ReceivedAt);
    }

    private static void AddSession(List<FtpEvent> events, Random random, string user, int number, ref double at)
    {
        if (random.Next(8) != 0)
            events.Add(Event(EventKind.Login, at, user));
        var operations = random.Next(0, 8);
        for (var i = 0; i < operations; i++)
        {
            at += random.Next(1, 150);
            var path = $"/{user}/{number}/{i}";
            events.Add(random.Next(6) switch
            {
                0 => Event(EventKind.Delete, at, user, path),
                1 => Event(EventKind.List, at, user, path),
                2 => Event(EventKind.Mkdir, at, user, path),
                3 => Transfer(EventKind.Download, at, user, path, EventStatus.Aborted),
                4 => Transfer(EventKind.Download, at, user, path, EventStatus.Ok),
                _ => Transfer(EventKind.Upload, at, user, path, EventStatus.Ok),
            });
        }
        at += random.Next(1, 150);
        events.Add(Event(EventKind.Logout, at, user));
    }

    private static FtpEvent Transfer(EventKind kind, double at, string user, string path, EventStatus status) =>
        Event(kind, at, user, path, bytes: path.Length * 1000, status, time: Start, seconds: Math.Max(0, at / 1000));
}
