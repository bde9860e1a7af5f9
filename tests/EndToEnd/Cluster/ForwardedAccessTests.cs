using System.Net;
using FtpActors.Tests.Shared;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>Who may ask one node what another one answers.</summary>
public sealed class ForwardedAccessTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
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
        var (reader, operatorToken) = (await ftp.NewTokenAsync("rita", "reader"), await ftp.NewTokenAsync("otto", "operator"));

        // A node without handlers has one of them answer, as soon as it knows one; that one has no token of these.
        await Until.TrueAsync("a handler answers", async () => await ftp.AskAsync(HttpMethod.Get, "/api/v1/sessions", reader) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.Unauthorized, await handler.AskAsync(HttpMethod.Get, "/api/v1/sessions", reader));
        Assert.Equal(HttpStatusCode.Unauthorized, await ftp.AskAsync(HttpMethod.Get, "/api/v1/sessions"));
        Assert.Equal(HttpStatusCode.Forbidden, await ftp.AskAsync(HttpMethod.Post, "/api/v1/deliveries/retry?all=true", reader));
        Assert.Equal(HttpStatusCode.Forbidden, await ftp.AskAsync(HttpMethod.Post, "/api/v1/deliveries/retry?all=true&node=h1", reader));
        Assert.Equal(HttpStatusCode.OK, await ftp.AskAsync(HttpMethod.Post, "/api/v1/deliveries/retry?all=true&node=h1", operatorToken));
        await Until.TrueAsync("the node that answered has its audit line", () =>
            handler.Process!.Errors.Contains("Audit: POST /api/v1/deliveries/retry?all=true by otto", StringComparison.Ordinal));
        // Nobody passes for another node from outside.
        Assert.Equal(HttpStatusCode.Unauthorized, await handler.AskAsync(HttpMethod.Get, "/api/v1/sessions", header: ("X-FtpActors-Pass", "guessed")));
    }
}
