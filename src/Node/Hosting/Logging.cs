using Microsoft.Extensions.Logging.Console;

namespace FtpActors.Node.Hosting;

/// <summary>Logging to stderr, one line per entry, with a level that can change while the node runs.</summary>
internal sealed class Logging : IDisposable
{
    private volatile int _level;

    public Logging(LogLevel level)
    {
        Level = level;
        Factory = LoggerFactory.Create(builder => Configure(builder));
    }

    public ILoggerFactory Factory { get; }

    public LogLevel Level
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }

    public void Dispose() => Factory.Dispose();

    private void Configure(ILoggingBuilder builder) => builder
        .SetMinimumLevel(LogLevel.Trace)
        // The web server's own lines say nothing that ours do not say; a taken port is reported once, by us.
        .AddFilter((category, level) => level >= Level
            && (level >= LogLevel.Critical || category?.StartsWith("Microsoft.", StringComparison.Ordinal) != true))
        .AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            o.UseUtcTimestamp = true;
            o.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
}
