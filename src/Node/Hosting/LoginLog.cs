namespace FtpActors.Node.Hosting;

/// <summary>Log lines of the role authd. Ids 1100 to 1119; an id that is no longer used is not used again. None has a password.</summary>
internal static partial class LoginLog
{
    [LoggerMessage(1100, LogLevel.Information, "Logins are answered on {Socket}: {Limits} limits, fails {Fail}")]
    public static partial void LoginsAnswered(this ILogger log, string socket, int limits, string fail);

    [LoggerMessage(EventId = 1101, Message = "Login of {User} from {Peer}: {Answer}, {Reason} {Detail} ({Milliseconds} ms)")]
    public static partial void LoginAnswered(
        this ILogger log, LogLevel level, string user, string peer, string answer, string reason, string detail, double milliseconds);

    [LoggerMessage(1102, LogLevel.Warning, "What came on the login socket is no request: {Reason}; answered {Answer}")]
    public static partial void LoginNotUnderstood(this ILogger log, string reason, string answer);

    [LoggerMessage(1103, LogLevel.Error, "A login failed in a way that was not foreseen; answered {Answer}")]
    public static partial void LoginFailed(this ILogger log, Exception e, string answer);

    [LoggerMessage(1104, LogLevel.Warning, "Sessions are not counted as they should: {Trouble}")]
    public static partial void LoginTrouble(this ILogger log, string trouble);

    [LoggerMessage(1105, LogLevel.Information, "Sessions are counted again")]
    public static partial void LoginTroubleOver(this ILogger log);
}
