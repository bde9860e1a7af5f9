using FtpActors.Actors;
using System.Text.Json;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>/api/v1/deliveries</c>: what the rules owe and have done, trying it again and taking it off.</summary>
internal static class DeliveryEndpoints
{
    private static readonly string[] Filters = ["rule", "state", "user", "since", "until", "replay"];

    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/deliveries", http => ListAsync(http, node));
        routes.MapGet("/api/v1/deliveries/{id:long}", (HttpContext http, long id) => ShowAsync(http, node, id));
        routes.MapPost("/api/v1/deliveries/retry", async http =>
        {
            var query = Selection(http, node);
            // Without a word about the state: the dead letters. What a person dropped comes back only when it is named.
            if (query.Ids is null)
                query = query with { State = query.State ?? DeliveryState.Dead };
            await AnswerAsync(http, "retried", await node.Engine.Deliveries.RetryAsync(query, http.RequestAborted));
        });
        routes.MapPost("/api/v1/deliveries/drop", async http =>
            await AnswerAsync(http, "dropped", await node.Engine.Deliveries.DropAsync(Selection(http, node), http.RequestAborted)));
    }

    private static async Task ListAsync(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http.Request, node.Time.GetUtcNow(), [.. Filters, "last"]);
        var query = Read(q) with { Last = q.Count("last") };
        using var lines = new JsonLines(http);
        await foreach (var delivery in node.Engine.History.QueryDeliveriesAsync(query, http.RequestAborted))
        {
            // Only failures have something to tell: the tries of what went well are not read.
            var failed = delivery.State == DeliveryState.Dead || delivery.Attempt > 0;
            var tries = failed ? await node.Engine.History.ReadTriesAsync(delivery.Id) : [];
            await lines.WriteAsync((delivery, tries.Count > 0 ? tries[^1] : null), DeliveryJson.WriteShort);
        }
        await lines.FlushAsync();
    }

    private static async Task ShowAsync(HttpContext http, FtpNode node, long id)
    {
        _ = new QueryReader(http.Request, node.Time.GetUtcNow());
        if (await node.Engine.History.ReadDeliveryAsync(id, http.RequestAborted) is not { } delivery)
        {
            await Problems.WriteAsync(http, StatusCodes.Status404NotFound, $"There is no delivery {id}.");
            return;
        }
        using var lines = new JsonLines(http);
        await lines.WriteAsync((delivery, await node.Engine.History.ReadTriesAsync(id, http.RequestAborted)), DeliveryJson.WriteWhole);
        await lines.FlushAsync();
    }

    /// <summary>What a person wants changed; never everything by an oversight.</summary>
    private static DeliveryQuery Selection(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http.Request, node.Time.GetUtcNow(), [.. Filters, "id", "all"]);
        var query = Read(q) with { Ids = q.Ids("id") };
        return query == new DeliveryQuery() && q.Flag("all") != true
            ? throw new BadQueryException($"Which deliveries? Give id or one of {string.Join(", ", Filters)}, or all=true for every one.")
            : query;
    }

    private static DeliveryQuery Read(QueryReader q) => new()
    {
        Rule = q.Text("rule"), State = State(q.Text("state")), User = q.Text("user"), Since = q.Moment("since"), Until = q.Moment("until"),
        Replay = q.Text("replay"),
    };

    private static DeliveryState? State(string? word)
    {
        if (word is null)
            return null;
        for (var i = 0; i < DeliveryJson.States.Count; i++)
        {
            if (DeliveryJson.States[i] == word)
                return (DeliveryState)i;
        }
        throw new BadQueryException($"'state={word}' is no state of a delivery; known: {string.Join(", ", DeliveryJson.States)}.");
    }

    private static async Task AnswerAsync(HttpContext http, string name, int count)
    {
        using var lines = new JsonLines(http);
        await lines.WriteAsync((name, count), static (Utf8JsonWriter json, (string Name, int Count) answer) =>
        {
            json.WriteStartObject();
            json.WriteNumber(answer.Name, answer.Count);
            json.WriteEndObject();
        });
        await lines.FlushAsync();
    }
}
