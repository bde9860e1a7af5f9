using FtpActors.Actors;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary><c>/api/v1/deliveries</c>: what the rules owe and have done, trying it again and taking it off.</summary>
internal static class DeliveryEndpoints
{
    private static readonly string[] Filters = ["rule", "state", "user", "since", "until", "replay"];

    public static void Map(IEndpointRouteBuilder routes, FtpNode node)
    {
        routes.MapGet("/api/v1/deliveries", http => ListAsync(http, node))
            .Describe("Deliveries, oldest first, with the outcome of the last try of those that failed.", AnswerKind.Page, "Delivery", [.. Filters, "last"]);
        routes.MapGet("/api/v1/deliveries/{id:long}", (HttpContext http, long id) => ShowAsync(http, node, id))
            .Describe("One delivery with its facts and its tries.", AnswerKind.One, "WholeDelivery");
        routes.MapPost("/api/v1/deliveries/retry", async http =>
        {
            var query = Selection(http, node);
            // Without a word about the state: the dead letters. What a person dropped comes back only when it is named.
            if (query.Ids is null)
                query = query with { State = query.State ?? DeliveryState.Dead };
            await AnswerAsync(http, "retried", await node.Engine.Deliveries.RetryAsync(query, http.RequestAborted));
        }).Describe("Tries deliveries again: the ones named by id, else the dead ones that fit.", AnswerKind.One, "Retried", [.. Filters, "id", "all"]);
        routes.MapPost("/api/v1/deliveries/drop", async http =>
            await AnswerAsync(http, "dropped", await node.Engine.Deliveries.DropAsync(Selection(http, node), http.RequestAborted)))
            .Describe("Takes off deliveries that are due or dead.", AnswerKind.One, "Dropped", [.. Filters, "id", "all"]);
    }

    private static async Task ListAsync(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
        var page = q.Page();
        var after = page.Place<long>(1, p => long.TryParse(p[0], CultureInfo.InvariantCulture, out var id) ? id : null);
        var query = Read(q) with { Last = after is null ? page.Left : null, After = after };
        var deliveries = node.Engine.History.QueryDeliveriesAsync(query, http.RequestAborted).Select(async (DeliveryRecord delivery, CancellationToken cancel) =>
        {
            // Only failures have something to tell: the tries of what went well are not read.
            var failed = delivery.State == DeliveryState.Dead || delivery.Attempt > 0;
            var tries = failed ? await node.Engine.History.ReadTriesAsync(delivery.Id, cancel) : [];
            return (delivery, tries.Count > 0 ? tries[^1] : null);
        });
        await JsonAnswer.PageAsync(http, deliveries, page, d => d.delivery.Id.ToString(CultureInfo.InvariantCulture), DeliveryJson.WriteShort);
    }

    private static async Task ShowAsync(HttpContext http, FtpNode node, long id)
    {
        _ = new QueryReader(http, node.Time.GetUtcNow());
        if (await node.Engine.History.ReadDeliveryAsync(id, http.RequestAborted) is not { } delivery)
        {
            await Problems.WriteAsync(http, StatusCodes.Status404NotFound, $"There is no delivery {id}.");
            return;
        }
        await JsonAnswer.OneAsync(http, (delivery, await node.Engine.History.ReadTriesAsync(id, http.RequestAborted)), DeliveryJson.WriteWhole);
    }

    /// <summary>What a person wants changed; never everything by an oversight.</summary>
    private static DeliveryQuery Selection(HttpContext http, FtpNode node)
    {
        var q = new QueryReader(http, node.Time.GetUtcNow());
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

    private static Task AnswerAsync(HttpContext http, string name, int count) =>
        JsonAnswer.OneAsync(http, (name, count), static (Utf8JsonWriter json, (string Name, int Count) answer) =>
        {
            json.WriteStartObject();
            json.WriteNumber(answer.Name, answer.Count);
            json.WriteEndObject();
        });
}
