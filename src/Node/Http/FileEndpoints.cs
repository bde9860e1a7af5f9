using System.Globalization;
using System.Text.Json;
using FtpActors.Actors.History;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary><c>GET /api/v1/files</c>: who did what to which file.</summary>
internal static class FileEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node) => routes.MapGet("/api/v1/files", http => ListAsync(http, node)).Describe(
        "File operations, in the order they were received. path: the file, or the new name of a rename; session: id of a session.", AnswerKind.Page, "FileOperation",
        "since", "until", "kind", "user", "host", "path", "session", "last");

    private static Task ListAsync(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
        var page = q.Page();
        var after = page.Place<(DateTimeOffset, string, long)>(
            3, p => Page.Time(p[0]) is { } at && long.TryParse(p[2], CultureInfo.InvariantCulture, out var seq) ? (at, p[1], seq) : null);
        var query = new OperationQuery
        {
            Since = q.Moment("since"), Until = q.Moment("until"), Kind = q.Kind("kind"), User = q.Text("user"), Host = q.Text("host"), Path = q.Text("path"),
            Session = q.Text("session"), Last = after is null ? page.Left : null, After = after,
        };
        return JsonAnswer.PageAsync(
            http, node.Engine.History.QueryOperationsAsync(query, http.RequestAborted), page,
            o => string.Create(CultureInfo.InvariantCulture, $"{Page.Text(o.ReceivedAt)},{o.Spool},{o.Seq}"), Write);
    }

    private static void Write(Utf8JsonWriter json, FileOperation o)
    {
        json.WriteStartObject();
        json.WriteString("spool", o.Spool);
        json.WriteNumber("seq", o.Seq);
        json.WriteString("session", o.Session);
        EventJson.WriteTime(json, "received_at", o.ReceivedAt);
        if (o.StartedAt is { } started)
            EventJson.WriteTime(json, "started_at", started);
        else
            json.WriteNull("started_at");
        json.WriteString("kind", Names.Of(o.Kind));
        json.WriteString("status", Names.Of(o.Status));
        json.WriteString("host", o.Host);
        json.WriteString("service", o.Service);
        json.WriteString("source", o.Source);
        json.WriteString("user", o.User);
        json.WriteString("remote_host", o.RemoteHost);
        json.WriteString("path", o.Path);
        json.WriteString("path_to", o.PathTo);
        json.WriteString("path_from", o.PathFrom);
        WriteNumber(json, "bytes", o.Bytes);
        WriteNumber(json, "seconds", o.Seconds);
        json.WriteStartArray("flags");
        foreach (var flag in o.Flags == EventFlags.None ? [] : Names.Of(o.Flags))
            json.WriteStringValue(flag);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } n)
            json.WriteNumber(name, n);
        else
            json.WriteNull(name);
    }
}
