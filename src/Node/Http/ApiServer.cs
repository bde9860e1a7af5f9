using System.Net;
using FtpActors.Node.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace FtpActors.Node.Http;

/// <summary>
/// The API on <c>node.listen</c>. It has no authentication: the loopback address is the protection, and browsers' pages from elsewhere are
/// refused by their Host and Origin.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;

    private ApiServer(WebApplication app, CancellationTokenSource stopping, Uri url) => (_app, _stopping, Url) = (app, stopping, url);

    public Uri Url { get; }

    /// <summary>Starts the host and opens the port.</summary>
    /// <exception cref="NodeStartException">It is taken, or the address is not one of this machine.</exception>
    public static async Task<ApiServer> StartAsync(WebApplication app, FtpNode node, ILoggerFactory loggers, CancellationToken cancel)
    {
        var listen = node.Configuration.Node.Listen;
        var log = loggers.CreateLogger<ApiServer>();
        var stopping = new CancellationTokenSource();
        Map(app, node, log, stopping.Token);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            stopping.Dispose();
            throw new NodeStartException(
                $"node.listen: cannot listen on {listen}: {e.InnerException?.Message ?? e.Message}. End the program that has the port, or give another in the configuration or by FTPACTORS__node__listen.", e);
        }
        if (!IPAddress.IsLoopback(listen.Address))
            log.ListensBeyondLoopback(listen.ToString());
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new ApiServer(app, stopping, new Uri(address));
    }

    /// <summary>Ends running answers, also those that follow, and closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>The host of a node, with whatever else is to start and end with it.</summary>
    public static WebApplication Build(IPEndPoint listen, ILoggerFactory loggers, Action<IServiceCollection> more)
    {
        // Empty: neither appsettings.json nor ASPNETCORE_ variables may change what our own configuration says.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "ftpactors", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o =>
        {
            o.AddServerHeader = false;
            o.Limits.MaxRequestBodySize = 64 * 1024;
            o.Listen(listen);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        // Signals belong to the run command, not to the web server.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        more(builder.Services);
        return builder.Build();
    }

    private static void Map(WebApplication app, FtpNode node, ILogger log, CancellationToken stopping)
    {
        app.Use(next => http => Problems.GuardAsync(http, next, log));
        var loopbackOnly = IPAddress.IsLoopback(node.Configuration.Node.Listen.Address);
        app.Use(next => http => IsForeign(http.Request, loopbackOnly)
            ? Problems.WriteAsync(http, StatusCodes.Status403Forbidden, "This request comes from a page of another site.")
            : next(http));
        Elsewhere.Elsewhere.Use(app, node);
        app.Use(next => http =>
        {
            HistoryWarning.Add(http, node);
            return next(http);
        });
        app.UseRouting();
        SessionEndpoints.Map(app, node);
        EventEndpoints.Map(app, node, stopping);
        StatusEndpoints.Map(app, node);
        QuarantineEndpoints.Map(app, node);
        SourceEndpoints.Map(app, node, log);
        ReplayEndpoints.Map(app, node, stopping);
        RebuildEndpoints.Map(app, node);
        AuthdEndpoints.Map(app, node);
        ClusterEndpoints.Map(app, node);
        DeliveryEndpoints.Map(app, node);
        RuleEndpoints.Map(app, node);
        RuleTestEndpoint.Map(app, node, stopping);
    }

    // A page anywhere can make a browser on this machine send requests to a loopback address, by name (DNS rebinding) or across origins.
    private static bool IsForeign(HttpRequest request, bool loopbackOnly)
    {
        var host = request.Host.Host.Trim('[', ']');
        if (loopbackOnly && host != "localhost" && !(IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)))
            return true;
        return request.Headers.Origin is [{ } origin] && origin != $"{request.Scheme}://{request.Host}";
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
