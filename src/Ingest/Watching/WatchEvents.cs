using System.Globalization;
using FtpActors.Protocol;
using FtpActors.Protocol.Watching;

namespace FtpActors.Ingest.Watching;

/// <summary>What a watch has to tell, as events.</summary>
internal static class WatchEvents
{
    /// <param name="news">What.</param>
    /// <param name="options">The source.</param>
    /// <param name="now">When it is told.</param>
    public static FtpEvent Of(FileNews news, WatchOptions options, DateTimeOffset now)
    {
        var e = new FtpEvent
        {
            ReceivedAt = Microseconds(now), Kind = EventKind.Delete, Host = options.Host, Source = options.Name, Path = news.Path, Status = EventStatus.Ok,
            User = options.Users?.UserOf(news.Path, news.Look?.Owner ?? uint.MaxValue) ?? "", Time = Microseconds(news.At),
        };
        return news.Kind switch
        {
            FileNewsKind.Removed => e,
            FileNewsKind.Renamed => e with { Kind = EventKind.Rename, Path = news.From, PathTo = news.Path },
            _ => e with
            {
                // Whoever renames has closed what he wanted to write. Of the rest nobody but the client knows whether it is whole.
                Kind = EventKind.Upload, Status = news.From is not null || options.TrustClose ? EventStatus.Ok : EventStatus.Unknown, Extra = WordsOf(news),
            },
        };
    }

    /// <summary>The words of the file itself are those of every source: <c>size= uid= gid= mode= mtime=</c>; then <c>seen=</c>, <c>closings=</c> when more than one, <c>renamed_from=</c>.</summary>
    internal static List<string> WordsOf(FileNews news)
    {
        var words = news.Look is { } look ? WordsOf(look) : [];
        words.Add($"seen={news.Seen}");
        if (news.Closings > 1)
            words.Add(string.Create(CultureInfo.InvariantCulture, $"closings={news.Closings}"));
        if (news.From is { } from)
            words.Add($"renamed_from={from}");
        return words;
    }

    internal static List<string> WordsOf(FileLook look) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"size={look.Version.Size}"),
        string.Create(CultureInfo.InvariantCulture, $"uid={look.Owner}"),
        string.Create(CultureInfo.InvariantCulture, $"gid={look.Group}"),
        $"mode=0{Convert.ToString(look.Permissions, 8)}",
        string.Create(CultureInfo.InvariantCulture, $"mtime={DateTime.UnixEpoch.AddTicks(look.Version.ModifiedAt / 100):yyyy-MM-ddTHH:mm:ss.ffffffZ}"),
    ];

    private static DateTimeOffset Microseconds(DateTimeOffset time) => new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
}
