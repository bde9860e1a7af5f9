using System.Net;
using System.Text;
using FtpActors.Actors.Logins;
using FtpActors.Protocol.Globs;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Actors.Tests;

/// <summary>Logins, limits and scoreboards for the tests of logins.</summary>
internal static class Logins
{
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static AuthRequest Request(string account, string peer = "192.0.2.7", string password = "p")
    {
        var bytes = Encoding.Latin1.GetBytes(
            $"account:{account}\npassword:{password}\nlocalhost:127.0.0.1\nlocalport:2421\npeer:{peer}\nsni_name:\nencrypted:0\nend\n");
        Assert.True(AuthRequest.TryDecode(bytes, out var request, out _));
        return request;
    }

    public static LoginLimits Limits(params (string User, int? Max)[] limits) =>
        new([.. limits.Select(l => new LoginLimit(Glob.ForName(l.User, ignoreCase: true), new SlotLimits(l.Max, null, null)))]);

    public static ScoreboardEntry Entry(string account, int pid, string peer = "192.0.2.7") => new()
    {
        State = ScoreboardState.Idle, Pid = pid, StartedAt = Start, TransferStartedAt = Start, Account = account, Peer = new IPEndPoint(IPAddress.Parse(peer), 40000),
    };
}
