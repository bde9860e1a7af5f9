using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace FtpActors.Node.Bench;

/// <summary>Takes what OTLP over HTTP brings, and throws it away.</summary>
internal sealed class BenchCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BenchCollector(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<BenchCollector> StartAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(http => http.Request.Body.CopyToAsync(Stream.Null, http.RequestAborted));
        await app.StartAsync(cancel);
        return new BenchCollector(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
