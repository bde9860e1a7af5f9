using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Tests;

public sealed class ActionsWebhookTests : IAsyncLifetime, IDisposable
{
    private readonly WebhookRunner _runner = new(TimeProvider.System);
    private readonly WebApplication _server;
    private RequestDelegate _answer = _ => Task.CompletedTask;

    public ActionsWebhookTests()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(context => _answer(context));
    }

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _runner.Dispose();

    [Fact]
    public async Task The_request_is_a_signed_CloudEvent_with_its_key()
    {
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "s3cret\n");
        byte[] body = [];
        IHeaderDictionary headers = new HeaderDictionary();
        _answer = async context =>
        {
            using var copy = new MemoryStream();
            await context.Request.Body.CopyToAsync(copy);
            (body, headers) = (copy.ToArray(), new HeaderDictionary(context.Request.Headers.ToDictionary()));
            await context.Response.WriteAsync("thanks");
        };
        var outcome = await Run(Action() with { SecretFile = secret, Headers = new Dictionary<string, string> { ["X-Site"] = "7" } }, "/in/line\nbreak");
        File.Delete(secret);
        Assert.True(outcome.Succeeded, outcome.Summary);
        Assert.Equal((200, "thanks"), (outcome.Code, outcome.FirstOutput));
        Assert.Equal(("key-1", "3", "7"), (headers["Idempotency-Key"].ToString(), headers["Ftpactors-Attempt"].ToString(), headers["X-Site"].ToString()));
        Assert.StartsWith("application/cloudevents+json", headers.ContentType.ToString(), StringComparison.Ordinal);

        var signature = headers["Ftpactors-Signature"].ToString().Split(',').Select(p => p.Split('=')).ToDictionary(p => p[0], p => p[1]);
        var expected = HMACSHA256.HashData("s3cret"u8, (byte[])[.. Encoding.ASCII.GetBytes(signature["t"] + "."), .. body]);
        Assert.Equal(Convert.ToHexStringLower(expected), signature["v1"]);

        var e = JsonDocument.Parse(body).RootElement;
        Assert.Equal(("1.0", "key-1", "ftpactors.upload", "//ftp1/s", @"/in/line\x0Abreak", "rule"),
            (Text("specversion"), Text("id"), Text("type"), Text("source"), Text("subject"), Text("rule")));
        Assert.Equal("/in/line\nbreak", e.GetProperty("data").GetProperty("path").GetString());

        string? Text(string name) => e.GetProperty(name).GetString();
    }

    [Theory]
    [InlineData(204, true, false)]
    [InlineData(302, false, false)]
    [InlineData(400, false, false)]
    [InlineData(408, false, true)]
    [InlineData(425, false, true)]
    [InlineData(500, false, true)]
    public async Task The_status_decides(int status, bool succeeded, bool retryable)
    {
        _answer = context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        var outcome = await Run(Action());
        Assert.Equal((status, succeeded, retryable), (outcome.Code, outcome.Succeeded, outcome.Retryable));
    }

    [Theory]
    [InlineData(429, "120", 120)]
    [InlineData(503, "9999999", 86400)]
    public async Task Retry_After_in_seconds_is_honoured_up_to_a_day(int status, string header, int seconds)
    {
        _answer = context =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (status, header);
            return Task.CompletedTask;
        };
        var outcome = await Run(Action());
        Assert.True(outcome.Retryable);
        Assert.Equal(TimeSpan.FromSeconds(seconds), outcome.RetryAfter);
    }

    [Fact]
    public async Task Retry_After_as_a_date_is_honoured()
    {
        _answer = context =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (503, DateTimeOffset.UtcNow.AddSeconds(100).ToString("R", null));
            return Task.CompletedTask;
        };
        var wait = (await Run(Action())).RetryAfter;
        Assert.InRange(wait!.Value.TotalSeconds, 60, 101);
    }

    [Fact]
    public async Task A_server_that_hangs_resets_or_is_not_there_is_tried_again()
    {
        _answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var hangs = await Run(Action() with { Timeout = TimeSpan.FromMilliseconds(500) });
        Assert.Contains("no answer within 0.5 s", hangs.Summary, StringComparison.Ordinal);

        _answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var resets = await Run(Action());
        await _server.StopAsync();
        var gone = await Run(Action());
        Assert.All([hangs, resets, gone], o => Assert.True(o is { Succeeded: false, Retryable: true, Code: null }, o.Summary));
    }

    [Fact]
    public async Task A_secret_that_is_not_there_is_named()
    {
        var outcome = await Run(Action() with { SecretVariable = "FTPACTORS_NO_SUCH_SECRET" });
        Assert.Contains("FTPACTORS_NO_SUCH_SECRET", outcome.Summary, StringComparison.Ordinal);
        Assert.True(outcome is { Succeeded: false, Retryable: true });
    }

    private WebhookAction Action() => new(new Uri(_url ??= _server.Urls.First()), null, null, new Dictionary<string, string>(), false, TimeSpan.FromSeconds(20));

    private string? _url;

    private Task<ActionOutcome> Run(WebhookAction action, string path = "/x") =>
        _runner.RunAsync(new ActionContext(action, "rule", "key-1", 3, ActionsFacts.Upload(path), false, null), CancellationToken.None);
}
