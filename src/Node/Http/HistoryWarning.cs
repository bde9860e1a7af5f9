using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary>
/// The header <c>Warning</c> (RFC 7234, 199: miscellaneous) of every answer of the API while the history is known to be damaged, or has not been looked at since the start: no total that may be
/// wrong is told without it.
/// </summary>
internal static class HistoryWarning
{
    public static void Add(HttpContext http, FtpNode node)
    {
        if (!node.IsReady || !node.Engine.HasHistory || !http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            return;
        var damage = node.Engine.History.Damage;
        if ((damage.Sentence ?? (damage.IsChecked ? null : "The history has not been looked at for damage since the start; that is soon done.")) is { } text)
            http.Response.Headers.Warning = $"199 - \"{string.Concat(text.Select(Plain))}\"";
    }

    // Keys and paths are in it: only what a quoted text of a header may hold.
    private static char Plain(char c) => c is >= ' ' and <= '~' and not '"' and not '\\' ? c : '?';
}
