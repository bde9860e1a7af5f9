using System.Net;
using FtpActors.Node.Access;
using FtpActors.Node.Configuration;
using FtpActors.Node.Dashboard;
using FtpActors.Node.Hosting;
using FtpActors.Node.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace FtpActors.Node.Http;

/// <summary>
/// The API on <c>node.listen</c>. What stands before it is <see cref="Gate"/>: on loopback the address is the protection, elsewhere tokens and TLS are, and browsers' pages of
/// other sites are refused everywhere.
/// </summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping;
    private readonly Gate _gate;
    private readonly CertificateWatch? _certificate;

    private ApiServer(WebApplication app, CancellationTokenSource stopping, Gate gate, CertificateWatch? certificate, Uri url) =>
        (_app, _stopping, _gate, _certificate, Url) = (app, stopping, gate, certificate, url);

    public Uri Url { get; }

    /// <summary>Starts the host and opens the port.</summary>
    /// <exception cref="NodeStartException">It is taken, or the address is not one of this machine.</exception>
    public static async Task<ApiServer> StartAsync(WebApplication app, FtpNode node, ILoggerFactory loggers, CancellationToken cancel)
    {
        var listen = node.Configuration.Node.Listen;
        var settings = node.Configuration.Api;
        var log = loggers.CreateLogger<ApiServer>();
        var stopping = new CancellationTokenSource();
        var tokens = new TokenBook(settings.Tokens, node.Time, log);
        var gate = new Gate(settings.NeedsToken, IPAddress.IsLoopback(listen.Address), settings.Requests, tokens, node.Pass, log);
        Map(app, node, gate, log, stopping.Token);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException e)
        {
            stopping.Dispose();
            await gate.DisposeAsync();
            throw new NodeStartException(
                $"node.listen: cannot listen on {listen}: {e.InnerException?.Message ?? e.Message}. End the program that has the port, or give another in the configuration or by FTPACTORS__node__listen.", e);
        }
        if (settings.NeedsToken && tokens.Count == 0)
            log.NoTokens(settings.Tokens);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var certificate = settings.Certificate is { } file ? new CertificateWatch(file, node.Time, log) : null;
        return new ApiServer(app, stopping, gate, certificate, new Uri(address));
    }

    /// <summary>Ends running answers, also those that follow, and closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _gate.DisposeAsync();
        if (_certificate is not null)
            await _certificate.DisposeAsync();
        _stopping.Dispose();
    }

    /// <summary>The host of a node, with whatever else is to start and end with it.</summary>
    public static WebApplication Build(IPEndPoint listen, ApiSection settings, TelemetrySection telemetry, string node, ILoggerFactory loggers, Action<IServiceCollection> more)
    {
        // Empty: neither appsettings.json nor ASPNETCORE_ variables may change what our own configuration says.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "ftpactors", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(o =>
        {
            o.AddServerHeader = false;
            o.Limits.MaxRequestBodySize = 64 * 1024;
            o.Limits.MaxConcurrentConnections = settings.Connections;
            o.Listen(listen, socket =>
            {
                if (settings.Certificate is { } certificate)
                    socket.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => certificate.Current });
            });
        });
        builder.Services.AddRouting();
        OpenApiPart.Add(builder.Services);
        TelemetryPart.Add(builder.Services, telemetry, node);
        builder.Services.AddSingleton(loggers);
        // Signals belong to the run command, not to the web server.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        more(builder.Services);
        return builder.Build();
    }

    private static void Map(WebApplication app, FtpNode node, Gate gate, ILogger log, CancellationToken stopping)
    {
        app.Use(next => http => Problems.GuardAsync(http, next, log));
        // First: what an endpoint says of itself decides who may reach it.
        app.UseRouting();
        app.Use(gate.Before);
        Elsewhere.Elsewhere.Use(app, node, node.Pass);
        app.Use(next => http =>
        {
            HistoryWarning.Add(http, node);
            return next(http);
        });
        SessionEndpoints.Map(app, node);
        EventEndpoints.Map(app, node, stopping);
        FileEndpoints.Map(app, node);
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
        LiveEndpoints.Map(app, node, stopping);
        OpenApiPart.Map(app);
        TelemetryPart.Map(app, node);
        DashboardPart.Map(app, gate);
    }

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
