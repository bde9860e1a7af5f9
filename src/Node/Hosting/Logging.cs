using Microsoft.Extensions.Logging.Console;

namespace FtpActors.Node.Hosting;

/// <summary>Logging to stderr, one line per entry, as text or JSON, with a level that can change while the node runs.</summary>
internal sealed class Logging : IDisposable
{
    private volatile int _level;

    public Logging(LogLevel level, bool json = false)
    {
        Level = level;
        Factory = LoggerFactory.Create(builder => Configure(builder, json));
    }

    public ILoggerFactory Factory { get; }

    public LogLevel Level
    {
        get => (LogLevel)_level;
        set => _level = (int)value;
    }

    public void Dispose() => Factory.Dispose();

    private void Configure(ILoggingBuilder builder, bool json)
    {
        builder.SetMinimumLevel(LogLevel.Trace)
            // The web server's own lines say nothing that ours do not say; a taken port is reported once, by us.
            .AddFilter((category, level) => level >= Level
                && (level >= LogLevel.Critical || category?.StartsWith("Microsoft.", StringComparison.Ordinal) != true));
        if (json)
            builder.AddJsonConsole(Line);
        else
        {
            builder.AddSimpleConsole(o =>
            {
                Line(o);
                o.SingleLine = true;
                o.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
        builder.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);

        static void Line(ConsoleFormatterOptions o) => (o.TimestampFormat, o.UseUtcTimestamp) = ("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", true);
    }
}
