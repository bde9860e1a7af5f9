using FtpActors.Ingest;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;

namespace FtpActors.Node.Http;

/// <summary>
/// <c>POST /api/v1/sources/{name}/restarted</c>: the FTP server behind a source was started again, so all sessions of its host have ended.
/// For the server's unit file: NcFTPd does not report its own start.
/// </summary>
internal static class SourceEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, FtpNode node, ILogger log) =>
        routes.MapPost("/api/v1/sources/{name}/restarted", async (HttpContext http, string name) =>
        {
            if (node.Configuration.Sources.All(s => s.Name != name))
            {
                await Problems.WriteAsync(http, StatusCodes.Status404NotFound,
                    $"There is no source '{name}' in the configuration; known: {string.Join(", ", node.Configuration.Sources.Select(s => s.Name))}.");
                return;
            }
            // The journal gives this one event to every shard, because every shard has sessions of the host.
            var restart = new FtpEvent
            {
                ReceivedAt = node.Time.GetUtcNow(), Kind = EventKind.Other, Host = node.Configuration.Node.Name, Source = name,
                Status = EventStatus.Ok, Flags = EventFlags.ServerRestart, Type = "RESTART",
            };
            var first = await node.Spool.AppendAsync(new SourceBatch(name, [restart], []));
            log.ServerRestarted(name);
            await JsonAnswer.OneAsync(http, (name, first), static (json, r) =>
            {
                json.WriteStartObject();
                json.WriteString("source", r.name);
                json.WriteNumber("seq", r.first);
                json.WriteEndObject();
            });
        }).Describe("The FTP server behind a source was started again: all open sessions of its host end.", AnswerKind.One, "Restarted");
}
