namespace FtpActors.Node.Configuration;

/// <summary>Section <c>telemetry</c>: who is told metrics and traces. <c>/metrics</c> is always there.</summary>
/// <param name="Otlp">Base URL of a collector that takes OTLP over HTTP, such as <c>http://127.0.0.1:4318</c>; null for none.</param>
/// <param name="Every">How often it is told metrics, 1 s to 1 h. Default 30 s.</param>
/// <param name="TraceOneIn">The way of one in so many events is traced, 1 to 1,000,000. Default 1,000; needs a collector.</param>
internal sealed record TelemetrySection(Uri? Otlp, TimeSpan Every, int TraceOneIn)
{
    public static TelemetrySection Read(Section s)
    {
        var otlp = s.OptionalText("otlp", "must be the URL of a collector that takes OTLP over HTTP, such as \"http://127.0.0.1:4318\"", IsUrl);
        var section = new TelemetrySection(
            otlp is null ? null : new Uri(otlp.TrimEnd('/') + "/"),
            s.Duration("every", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            (int)s.Whole("trace_one_in", 1000, 1, 1_000_000));
        s.Done();
        return section;
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
}
