using Akka.Actor;
using FtpActors.Actors.Clustering;
using FtpActors.Actors.Wire;
using FtpActors.Node.Access;
using FtpActors.Node.Hosting;
using Microsoft.AspNetCore.Http.Features;

namespace FtpActors.Node.Http.Elsewhere;

/// <summary>
/// Requests that another node answers: those that name one (<c>node=NAME</c>), and on a node without handlers those about what only handlers know. They go by the cluster's own
/// connections, so no node needs to reach another one's API.
/// </summary>
internal static class Elsewhere
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // What every node says of itself.
    private static readonly PathString[] Own = ["/api/v1/status", "/api/v1/recent", "/api/v1/me", "/api/v1/quarantine", "/api/v1/sources", "/api/v1/authd", "/api/v1/cluster", "/api/v1/openapi.json"];

    /// <summary>The middleware.</summary>
    public static void Use(IApplicationBuilder app, FtpNode node, ClusterPass pass) => app.Use(next => async http =>
    {
        if (node.Engine.Nodes is not { } nodes || !http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal) || pass.IsFromNode(http.Request))
        {
            await next(http);
            return;
        }
        if (http.Request.Query["node"] is [{ } name])
        {
            if (name == node.Configuration.Node.Name)
            {
                http.Request.QueryString = WithoutNode(http.Request);
                await next(http);
            }
            else if (nodes.Find(name) is { } named)
                await SendOnAsync(http, node.Engine.System, named);
            else
                await Problems.WriteAsync(http, StatusCodes.Status404NotFound, $"There is no reachable node '{name}' in the cluster; 'ftpactors cluster show' lists them.");
            return;
        }
        if (node.Configuration.Node.Handler || Array.Exists(Own, own => http.Request.Path.StartsWithSegments(own, StringComparison.Ordinal)))
            await next(http);
        else if (nodes.All.FirstOrDefault(n => n.IsUp && n.Has(Shards.Role)) is { } handler)
            await SendOnAsync(http, node.Engine.System, handler);
        else
            await Problems.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, "No handler of the cluster is reachable, and this node has none; 'ftpactors cluster show' says what it sees.");
    });

    private static async Task SendOnAsync(HttpContext http, ActorSystem system, ClusterNode to)
    {
        // Who asks was found out here, and goes along: the other node trusts its cluster, whose connections have certificates on both sides.
        var asker = Asker.Of(http);
        using var body = new MemoryStream();
        // What is too long for one request may be right for another; the node that answers knows.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = RuleTestEndpoint.LongestRules;
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var request = new ApiRequestBy(
            asker.Name, Roles.Of(asker.Role), new ApiRequest(http.Request.Method, $"{http.Request.Path}{WithoutNode(http.Request)}", body.ToArray()));
        try
        {
            var head = await system.ActorSelection(to.Actor(ApiActor.Name)).Ask<ApiHead>(request, Patience, http.RequestAborted);
            http.Response.StatusCode = head.Status;
            if (head.ContentType.Length > 0)
                http.Response.ContentType = head.ContentType;
            await CopyAsync(http, head.Answer);
        }
        catch (AskTimeoutException)
        {
            if (http.Response.HasStarted)
                http.Abort();
            else
                await Problems.WriteAsync(http, StatusCodes.Status503ServiceUnavailable, $"Node {to.Name} does not answer.");
        }
    }

    private static async Task CopyAsync(HttpContext http, IActorRef answer)
    {
        try
        {
            for (var isLast = false; !isLast;)
            {
                var part = await answer.Ask<ApiPart>(ApiNext.Instance, Patience, http.RequestAborted);
                isLast = part.IsLast;
                await http.Response.Body.WriteAsync(part.Bytes, http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
            }
        }
        finally
        {
            answer.Tell(ApiStop.Instance, ActorRefs.NoSender);
        }
    }

    private static QueryString WithoutNode(HttpRequest request) =>
        QueryString.Create(request.Query.Where(q => q.Key != "node"));
}
