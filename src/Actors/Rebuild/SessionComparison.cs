using System.Globalization;

namespace FtpActors.Actors.Rebuild;

/// <summary>Compares sessions as the events make them with sessions as they are stored: pure.</summary>
internal static class SessionComparison
{
    private static readonly (string Name, Func<SessionRecord, object?> Of)[] Fields =
    [
        ("host", s => s.Key.Host), ("service", s => s.Key.Service), ("key_user", s => s.Key.User), ("key_remote_host", s => s.Key.RemoteHost),
        ("server_session", s => s.Key.ServerSession), ("user", s => s.User), ("remote_host", s => s.RemoteHost), ("email", s => s.Email),
        ("opened_at", s => s.OpenedAt), ("closed_at", s => s.ClosedAt), ("began", s => SessionJson.Of(s.Began)), ("ended", s => SessionJson.Of(s.Ended)),
        ("state", s => SessionJson.Of(s.State)), ("certainty", s => SessionJson.Of(s.Certainty)), ("path", s => s.Path), ("bytes_now", s => s.BytesNow),
        ("rate", s => s.Rate), ("uploads", s => s.Uploads), ("downloads", s => s.Downloads), ("bytes_up", s => s.BytesUp),
        ("bytes_down", s => s.BytesDown), ("failures", s => s.Failures), ("deletes", s => s.Deletes), ("mkdirs", s => s.Mkdirs),
        ("renames", s => s.Renames), ("other", s => s.Other), ("last_at", s => s.LastAt),
        ("local", s => s.Local), ("bytes_total", s => s.BytesTotal), ("restart_at", s => s.RestartAt), ("transfer_started_at", s => s.TransferStartedAt),
    ];

    /// <summary>What differs, in the order of their ids.</summary>
    public static List<SessionDifference> Differences(IReadOnlyDictionary<string, SessionRecord> made, IReadOnlyDictionary<string, SessionRecord> stored)
    {
        var differences = new List<SessionDifference>();
        foreach (var (id, session) in made.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            if (!stored.TryGetValue(id, out var other))
                differences.Add(new SessionDifference(id, "missing", []));
            else if (Compare(session, other) is { Count: > 0 } fields)
                differences.Add(new SessionDifference(id, "different", fields));
        }
        differences.AddRange(stored.Keys.Where(id => !made.ContainsKey(id)).Order(StringComparer.Ordinal).Select(id => new SessionDifference(id, "extra", [])));
        return differences;
    }

    private static List<FieldDifference> Compare(SessionRecord made, SessionRecord stored)
    {
        var fields = new List<FieldDifference>();
        foreach (var (name, of) in Fields)
        {
            var (a, b) = (of(made), of(stored));
            if (!Equals(a, b))
                fields.Add(new FieldDifference(name, Text(b), Text(a)));
        }
        return fields;
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
