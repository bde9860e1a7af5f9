using System.Diagnostics.Metrics;
using FtpActors.Node.Access;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace FtpActors.Node.Telemetry;

/// <summary>Metrics and traces by OpenTelemetry: <c>/metrics</c> for Prometheus, OTLP for a collector.</summary>
internal static class TelemetryPart
{
    // Of .NET, ASP.NET and Npgsql: what the process costs, and how requests and the database do.
    private static readonly string[] Meters = [NodeMetrics.MeterName, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql"];

    public static void Add(IServiceCollection services, TelemetrySection settings, string node)
    {
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(r => r.AddService("ftpactors", serviceVersion: FtpNode.Version, serviceInstanceId: node))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters).AddView(Unnamed).AddPrometheusExporter();
                if (settings.Otlp is { } collector)
                {
                    metrics.AddOtlpExporter((exporter, reader) =>
                    {
                        (exporter.Endpoint, exporter.Protocol) = (new Uri(collector, "v1/metrics"), OtlpExportProtocol.HttpProtobuf);
                        reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Every.TotalMilliseconds;
                    });
                }
            });
        // Without somebody who takes them, no span is made at all.
        if (settings.Otlp is { } traces)
        {
            telemetry.WithTracing(tracing => tracing.AddSource(EventTrace.SourceName).SetSampler(new AlwaysOnSampler())
                .AddOtlpExporter(exporter => (exporter.Endpoint, exporter.Protocol) = (new Uri(traces, "v1/traces"), OtlpExportProtocol.HttpProtobuf)));
        }
    }

    public static void Map(WebApplication app, FtpNode node)
    {
        // What is told is as it is now, not as it was at the last look.
        app.UseWhen(http => http.Request.Path == "/metrics", branch => branch.Use(async (http, next) =>
        {
            if (node.Watch is { } watch)
                await watch.LookAsync(http.RequestAborted);
            await next(http);
        }));
        app.MapPrometheusScrapingEndpoint("/metrics");
        app.MapGet("/healthz", http => AnswerAsync(http, !node.Over.IsCompleted, "alive", "ending")).WithMetadata(Open.Instance);
        app.MapGet("/readyz", http => AnswerAsync(http, node.IsReady, "ready", "starting or draining")).WithMetadata(Open.Instance);
    }

    // Gauges of the runtime whose names end as only parts of histograms do for Prometheus: its own tool objects to them.
    private static MetricStreamConfiguration? Unnamed(Instrument instrument) =>
        instrument.Meter.Name == "System.Runtime" && instrument.Name.EndsWith(".count", StringComparison.Ordinal) ? MetricStreamConfiguration.Drop : null;

    private static Task AnswerAsync(HttpContext http, bool good, string yes, string no)
    {
        http.Response.StatusCode = good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync((good ? yes : no) + "\n");
    }
}
