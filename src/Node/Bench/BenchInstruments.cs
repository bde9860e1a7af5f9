using Akka.Actor;
using FtpActors.Ingest;
using FtpActors.Node.Configuration;
using FtpActors.Node.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace FtpActors.Node.Bench;

/// <summary>The instruments of a node around the engine of a benchmark, told to a collector every second.</summary>
internal sealed class BenchInstruments : IAsyncDisposable
{
    private const int TraceOneIn = 1000;

    private readonly ServiceProvider _services;
    private readonly NodeMetrics _metrics = new(TimeProvider.System);
    private readonly EventTrace _trace = new(TraceOneIn);

    private BenchInstruments(ServiceProvider services, BenchEngine engine, string spool)
    {
        _services = services;
        Spool = new MeasuredSpool(engine.Spool, spool, _metrics, _trace, TimeProvider.System);
        engine.Engine.System.ActorOf(Props.Create(() => new MetricsActor(_metrics, _trace, TimeProvider.System)));
    }

    /// <summary>The engine's spool, measured.</summary>
    public ISpool Spool { get; }

    public static async Task<BenchInstruments> StartAsync(BenchEngine engine, Uri collector)
    {
        var services = new ServiceCollection();
        TelemetryPart.Add(services, new TelemetrySection(collector, TimeSpan.FromSeconds(1), TraceOneIn), "bench");
        var built = services.BuildServiceProvider();
        // What is asked for begins to tell.
        built.GetRequiredService<MeterProvider>();
        built.GetRequiredService<TracerProvider>();
        var spool = (await engine.Spool.ReadStatusAsync()).Spool;
        return new BenchInstruments(built, engine, spool);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _metrics.Dispose();
        _trace.Dispose();
    }
}
