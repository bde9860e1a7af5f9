using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FtpActors.EndToEnd.Tests;

/// <summary>A real HTTP server that answers as it is told and keeps the idempotency keys it saw.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookServer(WebApplication app) => _app = app;

    public int Answer { get; set; } = StatusCodes.Status204NoContent;

    /// <summary>What it does with the first requests, before it answers <see cref="Answer"/>.</summary>
    public ConcurrentQueue<Func<HttpContext, Task>> First { get; } = new();

    public ConcurrentQueue<string> Keys { get; } = new();

    public string Url => _app.Urls.First() + "/hook";

    public static async Task<WebhookServer> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var server = new WebhookServer(app);
        app.MapPost("/hook", async http =>
        {
            server.Keys.Enqueue(http.Request.Headers["Idempotency-Key"].ToString());
            if (server.First.TryDequeue(out var answer))
                await answer(http);
            else
                http.Response.StatusCode = server.Answer;
        });
        await app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
