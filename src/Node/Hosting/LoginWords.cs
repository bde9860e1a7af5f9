using System.Text.Json;
using FtpActors.Actors.Logins;

namespace FtpActors.Node.Hosting;

/// <summary>Reasons of answers as words: <c>no_limit reserved full failed_open failed_closed check_accepted check_refused</c>.</summary>
internal static class LoginWords
{
    public static string Of(LoginReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}
