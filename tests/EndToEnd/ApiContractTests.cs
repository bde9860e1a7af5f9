using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FtpActors.Ingest.Linux;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The API keeps what its OpenAPI document says, for everyone who may ask.</summary>
public sealed class ApiContractTests
{
    private const string Rules = """
        [ { "name": "fails", "on": ["upload"], "actions": [ { "exec": ["/bin/false"] } ], "retry": { "attempts": 1, "first": "100ms" } },
          { "name": "works", "on": ["session_end"], "actions": [ { "exec": ["/bin/true"] } ] } ]
        """;

    [Fact]
    public async Task Every_answer_is_what_the_document_says()
    {
        await using var node = new TestNode(rules: Rules);
        await node.StartAsync();
        await FillAsync(node);
        var schema = new ApiSchema(await node.GetAsync("/api/v1/openapi.json"));
        var operations = schema.Operations().ToList();
        Assert.True(operations.Count > 30, $"{operations.Count}");
        var (answered, faults) = (0, new List<string>());
        using var http = new HttpClient();
        using var replay = await http.PostAsync(new Uri($"{node.Url}/api/v1/replays?since=1d&until=0s&dry_run=true"), null);
        foreach (var (method, path, operation) in operations)
        {
            if (ApiSchema.AnswerOf(operation) is not { } expected || await FilledAsync(node, method, path) is not { } filled)
                continue;
            using var request = new HttpRequestMessage(new HttpMethod(method), node.Url + filled);
            using var answer = await http.SendAsync(request);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            faults.AddRange(schema.Faults(answer.IsSuccessStatusCode ? expected : schema.Problem, body.RootElement).Select(fault => $"{method} {path}: {fault}"));
            Assert.Equal(answer.IsSuccessStatusCode ? "application/json" : "application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            answered += answer.IsSuccessStatusCode ? 1 : 0;
            // What is alone or has no role authd says 409; everything else has something to answer here.
            if (!answer.IsSuccessStatusCode && !path.Contains("/cluster", StringComparison.Ordinal) && !path.Contains("/authd", StringComparison.Ordinal))
                faults.Add($"{method} {path}: {body.RootElement}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(answered >= 20, $"{answered}");
    }

    [Fact]
    public async Task Each_role_reaches_what_it_may_and_nothing_else()
    {
        await using var node = new TestNode(rules: Rules, more: """ "api": { "tokens_on_loopback": true }, """);
        await node.StartAsync();
        var (reader, operatorToken) = (await node.NewTokenAsync("rita", "reader"), await node.NewTokenAsync("otto", "operator"));
        using var http = new HttpClient();
        using var document = JsonDocument.Parse(await (await AskAsync("GET", "/api/v1/openapi.json", reader)).Content.ReadAsStringAsync());
        var wrong = new List<string>();
        foreach (var (method, path, _) in new ApiSchema(document.RootElement).Operations())
        {
            var filled = path.Replace("{id}", "1", StringComparison.Ordinal).Replace("{name}", "x", StringComparison.Ordinal);
            var mayRead = method == "GET" || path == "/api/v1/rules/test";
            foreach (var (role, token, refusal) in new[] { ("nobody", null, HttpStatusCode.Unauthorized), ("reader", reader, mayRead ? 0 : HttpStatusCode.Forbidden), ("operator", operatorToken, (HttpStatusCode)0) })
            {
                using var answer = await AskAsync(method, filled, token);
                if (refusal != 0 ? answer.StatusCode != refusal : answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                    wrong.Add($"{role}: {method} {path} is {answer.StatusCode}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        async Task<HttpResponseMessage> AskAsync(string method, string path, string? token)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), node.Url + path);
            if (token is not null)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
    }

    [Fact]
    public async Task A_list_in_parts_is_the_whole_list()
    {
        await using var node = new TestNode(rules: Rules);
        await node.StartAsync();
        await FillAsync(node);
        foreach (var path in new[] { "sessions", "events", "files", "deliveries" })
        {
            var whole = (await node.GetAsync($"/api/v1/{path}?limit=10000")).GetProperty("items").EnumerateArray().Select(i => i.GetRawText()).ToList();
            Assert.True(whole.Count > 20, $"{path}: {whole.Count}");
            Assert.Equal(whole, (await node.ItemsAsync($"/api/v1/{path}?limit=7")).Select(i => i.GetRawText()));
            Assert.Equal(whole[^19..], (await node.ItemsAsync($"/api/v1/{path}?limit=7&last=19")).Select(i => i.GetRawText()));
        }
        using var http = new HttpClient();
        foreach (var bad in new[] { "cursor=x", "cursor=fHgsMQ", "limit=0", "limit=10001", "nothing=1" })
        {
            using var answer = await http.GetAsync(new Uri($"{node.Url}/api/v1/sessions?{bad}"));
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{bad}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task A_stream_that_was_cut_off_goes_on_where_it_was()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        await FillAsync(node);
        using var http = new HttpClient();
        var (first, id) = await FollowAsync(null, "?last=5", 5);
        Assert.Equal(5, first.Count);
        var before = (await node.GetAsync("/api/v1/status")).GetProperty("events").GetInt64();
        var sent = await SimulateAsync(node, 2);
        await node.AppliedAsync(before + sent);
        var after = (await node.ItemsAsync("/api/v1/events")).Select(e => e.GetProperty("seq").GetInt64()).Where(seq => seq > first[^1]).ToList();
        var (more, _) = await FollowAsync(id, "", after.Count);
        // Nothing is missing between the two, and nothing comes twice.
        Assert.Equal(after, more.Take(after.Count).Order());

        async Task<(List<long> Seqs, string Id)> FollowAsync(string? from, string query, int count)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{node.Url}/api/v1/events/stream{query}");
            if (from is not null)
                request.Headers.Add("Last-Event-ID", from);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            var (seqs, mark) = (new List<long>(), "");
            try
            {
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
                using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(limit.Token));
                while (seqs.Count < count || mark.Length == 0)
                {
                    var line = await lines.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException("The stream has ended.");
                    if (line.StartsWith("data: ", StringComparison.Ordinal))
                        seqs.Add(JsonDocument.Parse(line[6..]).RootElement.GetProperty("seq").GetInt64());
                    else if (line.StartsWith("id: ", StringComparison.Ordinal))
                        mark = line[4..];
                }
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"{seqs.Count} of {count} events after '{from}', mark '{mark}', the first {string.Join(' ', seqs.Take(20))}\n{await node.GetAsync("/api/v1/status")}", e);
            }
            return (seqs, mark);
        }
    }

    private static async Task FillAsync(TestNode node)
    {
        var sent = await SimulateAsync(node, 1);
        SystemVQueue.OpenOrCreate(node.Key, 0x180).Send(1, "no message at all"u8, default);
        await Until.TrueAsync("it is in quarantine", async () => (await node.ItemsAsync("/api/v1/quarantine")).Count == 1);
        await node.AppliedAsync(sent);
        await Until.TrueAsync("nothing waits", async () =>
            await node.GetAsync("/api/v1/status") is var s && s.GetProperty("waiting").GetInt64() == 0 && s.GetProperty("deliveries").GetProperty("due").GetInt64() == 0);
    }

    // How many events it sent.
    private static async Task<long> SimulateAsync(TestNode node, int seed)
    {
        await using var simulation = Program.Start("simulate", "--to", $"mqueue:{node.Key}", "--sessions", "40", "--seed", $"{seed}", "--rate", "0");
        Assert.Equal(0, await simulation.ExitAsync());
        return Totals.OfSimulation(simulation.Output).Distinct;
    }

    // Null: what takes a state that this node is not in.
    private static async Task<string?> FilledAsync(TestNode node, string method, string path) => (method, path) switch
    {
        ("POST", "/api/v1/replays") => path + "?since=1d&until=0s&dry_run=true",
        ("POST", "/api/v1/deliveries/retry" or "/api/v1/deliveries/drop") => path + "?rule=fails",
        (_, "/api/v1/deliveries/{id}") => $"/api/v1/deliveries/{(await node.ItemsAsync("/api/v1/deliveries?state=dead"))[0].GetProperty("id").GetInt64()}",
        ("POST", "/api/v1/quarantine/{id}/retry" or "/api/v1/replays/{id}/stop" or "/api/v1/replays/{id}/resume") => null,
        (_, "/api/v1/quarantine/{id}") => $"/api/v1/quarantine/{(await node.ItemsAsync("/api/v1/quarantine"))[0].GetProperty("id").GetInt64()}",
        (_, "/api/v1/sources/{name}/restarted") => "/api/v1/sources/queue/restarted",
        (_, "/api/v1/replays/{id}") => $"/api/v1/replays/{(await node.ItemsAsync("/api/v1/replays"))[0].GetProperty("id").GetString()}",
        _ => path,
    };
}
