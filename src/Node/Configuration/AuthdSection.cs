using FtpActors.Actors.Logins;
using FtpActors.Protocol.Globs;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>authd</c>: the limits on sessions that the role <c>authd</c> enforces at a Pure-FTPd.</summary>
/// <param name="Socket">Socket that Pure-FTPd is given by <c>-l extauth:</c>. Default <c>/run/ftpactors/auth.sock</c>.</param>
/// <param name="Scoreboard">Folder of the server's scoreboard. Default <c>/var/run/pure-ftpd</c>.</param>
/// <param name="Lease">How long a slot counts unless it is confirmed or renewed, 3 s to 10 min. Default 10 s.</param>
/// <param name="Answer">How long a decision may take, 1 ms to 1 min. Default 100 ms.</param>
/// <param name="FailOpen">Whether a login goes on when there is no decision (<c>fail</c>: <c>open</c>). Default yes.</param>
/// <param name="Connections">Logins answered at once, 1 to 10,000. Default 256.</param>
/// <param name="Limits">Who may have how many sessions; the first that fits a user counts.</param>
/// <param name="Check">The site's own check of passwords; null when the server's next method decides.</param>
internal sealed record AuthdSection(
    string Socket, string Scoreboard, TimeSpan Lease, TimeSpan Answer, bool FailOpen, int Connections, LoginLimits Limits, CheckSettings? Check)
{
    public static AuthdSection Read(Section s, bool isWanted)
    {
        var section = new AuthdSection(
            s.FilePath("socket", "/run/ftpactors/auth.sock"),
            s.FilePath("scoreboard", "/var/run/pure-ftpd"),
            s.Duration("lease", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(10)),
            s.Duration("answer", TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
            s.OneOf("fail", "open", "open", "closed") == "open",
            (int)s.Whole("connections", 256, 1, 10_000),
            new LoginLimits([.. s.List("limits").Select(ReadLimit).OfType<LoginLimit>()]),
            s.Raw("check") is null ? null : CheckSettings.Read(s.Sub("check")));
        if (isWanted && section.Limits.All.Count == 0 && section.Check is null)
            s.Problem("limits", "must name at least one limit for the role \"authd\": [ { \"user\": \"*\", \"max\": 3 } ].");
        s.Done();
        return section;
    }

    private static LoginLimit? ReadLimit(Section s)
    {
        Glob? user = null;
        var allowed = "must be a pattern of users, such as \"*\" or \"guest*\"";
        s.Text("user", null, allowed, text => TryGlob(text, out user));
        var limits = new SlotLimits(Most("max"), Most("max_per_host"), Most("max_per_address"));
        s.Done();
        return user is null ? null : new LoginLimit(user, limits);

        // Absent and null are the same: any number.
        int? Most(string name) => s.Whole(name, -1, 0, 1_000_000) is >= 0 and var most ? (int)most : null;
    }

    private static bool TryGlob(string text, out Glob? glob)
    {
        try
        {
            glob = Glob.ForName(text, ignoreCase: true);
            return true;
        }
        catch (FormatException)
        {
            // The caller says what a pattern looks like.
            glob = null;
            return false;
        }
    }
}

/// <summary>The site's own check.</summary>
/// <param name="Exec">Full path of the program, and arguments if any.</param>
/// <param name="Timeout">How long it may take, 10 ms to 5 min. Default 5 s.</param>
internal sealed record CheckSettings(IReadOnlyList<string> Exec, TimeSpan Timeout)
{
    public static CheckSettings Read(Section s)
    {
        var settings = new CheckSettings(
            s.Texts("exec", [], "must be a list: the full path of the program, then its arguments, without NUL", text => !text.Contains('\0', StringComparison.Ordinal)),
            s.Duration("timeout", TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5)));
        if (settings.Exec is not [['/', ..], ..])
            s.Problem("exec", "must begin with the full path of a program: [\"/usr/local/sbin/check-login\"].");
        else if (!File.Exists(settings.Exec[0]))
            s.Problem("exec", $"{settings.Exec[0]} is not there; name a program of this machine.");
        s.Done();
        return settings;
    }
}
