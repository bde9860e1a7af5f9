using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Protocol.Traffic;

/// <summary>
/// One made-up session: a login, some operations, a logout. Its remote address belongs to it alone, so sessions of one identity never meet,
/// and every path carries a number that is used once, so no two of its messages are the same.
/// </summary>
internal sealed class ScriptedSession
{
    private const int LeastGapMs = 5;

    private static readonly string[] Users = ["alice", "bob", "carol", "dave", "o'brien", "zoë", "builds", "press", "backup", "日本支社"];
    private static readonly string[] Servers = ["ftp.example.org", "files.example.org", "mirror.example.net"];

    // Plain, spaces, UTF-8, quotes, bytes that are no UTF-8, and what a shell or a page would trip over.
    private static readonly string[] Folders =
        ["/pub/data", "/home/in box", "/srv/Übergabe", "/it's \"here\"", @"/old/caf\xE9", "/a&b;<c>$(d)", "/pub/資料", "/incoming"];
    private static readonly string[] Endings = [".csv", ".tar.gz", " final.pdf", ".jpg", @"\xFF\xFE.bin", ".xml"];
    private static readonly string[] NoteWords = ["Ps", "PsSf", "Po", "Df"];

    private readonly SplitMix64 _random;
    private readonly string _user;
    private readonly string _email;
    private readonly string _server;
    private readonly string _remote;
    private readonly long _number;
    private readonly int _meanGapMs;
    private int _opsLeft;
    private int _made;

    public ScriptedSession(SplitMix64 random, long number, long startMs, int ops, int meanGapMs)
    {
        _random = random;
        _number = number;
        _opsLeft = ops;
        _meanGapMs = meanGapMs;
        AtMs = startMs;
        var anonymous = random.Chance(0.3);
        _user = anonymous ? "anonymous" : Users[random.Between(0, Users.Length - 1)];
        _email = anonymous ? $"guest{number}@example.com" : "";
        _server = Servers[random.Between(0, Servers.Length - 1)];
        _remote = $"10.{(number >> 16) & 255}.{(number >> 8) & 255}.{number & 255}";
    }

    /// <summary>Plan time of the next message, in milliseconds of Unix time.</summary>
    public long AtMs { get; private set; }

    /// <summary>True after the logout.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The next message, due at <see cref="AtMs"/>; afterwards that is the time of the one after it.</summary>
    public NcFtpdMessage Next()
    {
        NcFtpdMessage message;
        if (_made == 0)
        {
            message = Plain("LOGIN");
        }
        else if (_opsLeft == 0)
        {
            message = Plain("LOGOUT");
            IsOver = true;
        }
        else
        {
            message = Operation();
            _opsLeft--;
        }
        _made++;
        AtMs += _random.Between(LeastGapMs, Math.Max(LeastGapMs, 2 * _meanGapMs - LeastGapMs));
        return message;
    }

    private NcFtpdMessage Operation() => _random.Between(0, 99) switch
    {
        < 35 => Transfer("UPLOAD"),
        < 70 => Transfer("DOWNLOAD"),
        < 80 => Plain("LISTING") with { Path = Folder(), Status = _random.Chance(0.05) ? "PERM" : "OK", Pattern = "", Recursion = "" },
        < 87 => Plain("DELETE") with { Path = File() },
        < 92 => Plain("RENAME") with { Path = File(), Middle = "to", PathTo = File() + ".done" },
        < 96 => Plain("MKDIR") with { Path = Folder() },
        _ => Plain("CHMOD") with { Path = File(), Mode = _random.Chance(0.5) ? "644" : "755" },
    };

    /// <summary>
    /// A transfer that ends now. The wire has its start in whole seconds and its duration in milliseconds; they are chosen so that their sum is
    /// exactly the plan time, and so the ends of a session's transfers are in order.
    /// </summary>
    private NcFtpdMessage Transfer(string type)
    {
        var startSeconds = AtMs / 1000;
        var durationMs = AtMs % 1000;
        var bytes = (long)(_random.Next() >> _random.Between(38, 60));
        return Plain(type) with
        {
            Path = File(),
            Bytes = bytes,
            Seconds = durationMs / 1000.0,
            Rate = durationMs == 0 ? 0 : Math.Round(bytes / 1.024 / durationMs, 3),
            Suffix = "",
            Status = _random.Between(0, 99) switch { < 95 => "OK", < 97 => "ABOR", < 99 => "INCOMPLETE", _ => "ERROR" },
            TransferType = _random.Chance(0.1) ? "A" : "I",
            Notes = NoteWords[_random.Between(0, NoteWords.Length - 1)],
            StartedAt = DateTimeOffset.FromUnixTimeSeconds(startSeconds),
        };
    }

    private NcFtpdMessage Plain(string type) => new() { Type = type, User = _user, Email = _email, Host1 = _server, Host2 = _remote };

    private string Folder() => $"{Folders[_random.Between(0, Folders.Length - 1)]}/d{_number}-{_made}";

    private string File() =>
        $"{Folders[_random.Between(0, Folders.Length - 1)]}/{_number}-{_made}{Endings[_random.Between(0, Endings.Length - 1)]}";
}
