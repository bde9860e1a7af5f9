namespace FtpActors.Node.Access;

/// <summary>Log lines of who asks. Ids 1050 to 1069; an id that is no longer used is not used again.</summary>
internal static partial class AccessLog
{
    [LoggerMessage(1050, LogLevel.Information, "Audit: {Method} {Target} by {Who} from {Address}: {Status}")]
    public static partial void Written(this ILogger log, string method, string target, string who, string address, int status);

    [LoggerMessage(1051, LogLevel.Warning, "The API needs tokens and there is none in {File}: nobody can ask. Make one: ftpactors token new NAME --role operator --config FILE")]
    public static partial void NoTokens(this ILogger log, string file);

    [LoggerMessage(1052, LogLevel.Error, "{Reason}")]
    public static partial void TokensNotRead(this ILogger log, string reason);

    [LoggerMessage(1053, LogLevel.Information, "Tokens re-read: {Count} are in force")]
    public static partial void TokensRead(this ILogger log, int count);

    [LoggerMessage(1054, LogLevel.Information, "The certificate of the API was re-read; it is valid until {Until:O}")]
    public static partial void CertificateRead(this ILogger log, DateTime until);

    [LoggerMessage(1055, LogLevel.Error, "The certificate of the API was not re-read, the one in force stays: {Reason}")]
    public static partial void CertificateNotRead(this ILogger log, string reason);

    [LoggerMessage(1056, LogLevel.Warning, "A request from {Address} was refused: its token is not valid")]
    public static partial void TokenRefused(this ILogger log, string address);
}
