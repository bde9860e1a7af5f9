using System.Net;
using System.Net.Http.Headers;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Who may ask one node what another one answers.</summary>
[Collection(PostgresTests.Name)]
public sealed class ForwardedAccessTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_role_of_the_asker_goes_along_to_the_node_that_answers()
    {
        var cluster = new ClusterSettings
        {
            Connection = postgres.Server.Connection(await postgres.Server.MakeDatabaseAsync()), SeedNames = ["h1"], More = """ "api": { "tokens_on_loopback": true }, """,
        };
        await using var handler = new ClusterNode(cluster, "h1", "handler");
        await using var ftp = new ClusterNode(cluster, "ftp1", "ingest");
        handler.Start();
        ftp.Start();
        await handler.ReadyAsync();
        await ftp.ReadyAsync();
        var (reader, operatorToken) = (await NewTokenAsync(ftp, "rita", "reader"), await NewTokenAsync(ftp, "otto", "operator"));

        // A node without handlers has one of them answer, as soon as it knows one; that one has no token of these.
        await Until.TrueAsync("a handler answers", async () => await AskAsync(ftp, HttpMethod.Get, "/api/v1/sessions", reader) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(handler, HttpMethod.Get, "/api/v1/sessions", reader));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(ftp, HttpMethod.Get, "/api/v1/sessions"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(ftp, HttpMethod.Post, "/api/v1/deliveries/retry?all=true", reader));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(ftp, HttpMethod.Post, "/api/v1/deliveries/retry?all=true&node=h1", reader));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(ftp, HttpMethod.Post, "/api/v1/deliveries/retry?all=true&node=h1", operatorToken));
        await Until.TrueAsync("the node that answered has its audit line", () =>
            handler.Process!.Errors.Contains("Audit: POST /api/v1/deliveries/retry?all=true by otto", StringComparison.Ordinal));
        // Nobody passes for another node from outside.
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(handler, HttpMethod.Get, "/api/v1/sessions", header: ("X-FtpActors-Pass", "guessed")));
    }

    private static async Task<string> NewTokenAsync(ClusterNode node, string name, string role)
    {
        var (code, output, errors) = await Program.RunAsync("", "token", "new", name, "--role", role, "--config", node.Config);
        Assert.True(code == 0, errors);
        return output.Trim();
    }

    private static async Task<HttpStatusCode> AskAsync(ClusterNode node, HttpMethod method, string path, string? token = null, (string Name, string Value)? header = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, node.Url + path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (header is { } more)
            request.Headers.Add(more.Name, more.Value);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
