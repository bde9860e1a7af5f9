using System.Text.Json;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary>Sessions as tables. A <c>?</c> behind the user: sessions of the same identity were open at once, so events may be counted on the wrong one.</summary>
internal static class SessionColumns
{
    public static IReadOnlyList<Column<JsonElement>> Who { get; } =
    [
        new("USER", User),
        new("FROM", s => s.Text("remote_host")),
        new("HOST", Host),
        new("SINCE", s => s.Time("opened_at")),
        new("STATE", State),
        new("RATE", s => Units.Rate(s.Number("rate")), Right: true),
        new("UP", s => Units.Bytes(s.Number("bytes_up")), Right: true),
        new("DOWN", s => Units.Bytes(s.Number("bytes_down")), Right: true),
        new("FILE", s => s.Text("path")),
    ];

    public static IReadOnlyList<Column<JsonElement>> All { get; } =
    [
        new("USER", User),
        new("FROM", s => s.Text("remote_host")),
        new("HOST", Host),
        new("OPENED", s => (s.Text("began") == "seen" ? "~" : "") + s.Time("opened_at")),
        new("TIME", Length, Right: true),
        new("END", s => s.Has("ended") ? s.Text("ended") : "open"),
        new("FILES UP", s => Units.Count(s.Whole("uploads")), Right: true),
        new("UP", s => Units.Bytes(s.Number("bytes_up")), Right: true),
        new("FILES DOWN", s => Units.Count(s.Whole("downloads")), Right: true),
        new("DOWN", s => Units.Bytes(s.Number("bytes_down")), Right: true),
        new("FAILED", s => Units.Count(s.Whole("failures")), Right: true),
        new("OTHER", s => Units.Count(s.Whole("deletes") + s.Whole("mkdirs") + s.Whole("renames") + s.Whole("other")), Right: true),
    ];

    /// <summary>Open sessions in groups.</summary>
    /// <param name="heading">What they are grouped by.</param>
    public static IReadOnlyList<Column<JsonElement>> Count(string heading) =>
    [
        new(heading, g => g.Text("name")),
        new("SESSIONS", g => Units.Count(g.Whole("sessions")), Right: true),
        new("UPLOADING", g => Units.Count(g.Whole("uploading")), Right: true),
        new("DOWNLOADING", g => Units.Count(g.Whole("downloading")), Right: true),
    ];

    private static string State(JsonElement s) =>
        FtpwhoRows.Of(s, DateTimeOffset.UtcNow) is { Percent: > 0 and var percent } ? $"{s.Text("state")} {percent}%" : s.Text("state");

    private static string User(JsonElement s) => s.Text("user") + (s.Text("certainty") == "ambiguous" ? " ?" : "");

    private static string Host(JsonElement s) => s.Text("service") is { Length: > 0 } service ? $"{s.Text("host")}/{service}" : s.Text("host");

    private static string Length(JsonElement s) =>
        s.Moment("opened_at") is { } opened ? Units.Span((s.Moment("closed_at") ?? DateTimeOffset.UtcNow) - opened) : "";
}
