using System.Globalization;

namespace FtpActors.Node.Bench;

/// <summary>The figures as lines, each a median with the lowest and highest run.</summary>
internal sealed class BenchReport(TextWriter output)
{
    /// <summary>Tells what runs now, on a terminal only.</summary>
    public static void Progress(string what)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.WriteLine($"{what} …");
    }

    /// <summary>Messages or rows per second, and their ratio to the limit.</summary>
    public void Rate(string what, IReadOnlyCollection<double> values, double? limit, string ofWhat = "of bare SQLite")
    {
        var median = Median.Of(values);
        var ratio = limit is { } l ? string.Create(CultureInfo.InvariantCulture, $"  {median / l:0.00} {ofWhat}") : "";
        Line(what, string.Create(CultureInfo.InvariantCulture, $"{median,10:N0} /s  ({values.Min():N0} to {values.Max():N0}){ratio}"));
    }

    public void Latency(string what, Latency latency) => Line(
        what, string.Create(CultureInfo.InvariantCulture, $"p50 {latency.P50:0.00} ms  p99 {latency.P99:0.00} ms  max {latency.Max:0.00} ms"));

    public void Time(string what, IReadOnlyCollection<double> milliseconds) => Line(
        what, string.Create(CultureInfo.InvariantCulture, $"{Median.Of(milliseconds),10:N0} ms  ({milliseconds.Min():N0} to {milliseconds.Max():N0})"));

    public void Memory(string what, long bytes) => Line(what, string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6,10:N0} MB resident"));

    /// <summary>What something uses: cores, memory, and bytes that go over loopback.</summary>
    public void Use(string what, (double Cores, long Resident, double Bytes) use) => Line(
        what, string.Create(CultureInfo.InvariantCulture, $"{use.Cores,10:0.000} cores  {use.Resident / 1e6:N0} MB resident; all together {use.Bytes / 1e3:N0} kB/s over loopback"));

    /// <summary>Cores.</summary>
    public void Cores(string what, params IReadOnlyCollection<double> cores) => Line(what, string.Create(CultureInfo.InvariantCulture, $"{Median.Of(cores),10:0.0000} cores"));

    private void Line(string what, string figures) => output.WriteLine($"{what,-64} {figures}");
}
