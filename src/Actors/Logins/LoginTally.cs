using System.Diagnostics.Metrics;

namespace FtpActors.Actors.Logins;

/// <summary>Counts answers by reason and keeps the times of the last ones. Also a meter, <c>FtpActors.Logins</c>, for whoever collects metrics.</summary>
public sealed class LoginTally : IDisposable
{
    private const int Kept = 1024;

    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[Enum.GetValues<LoginReason>().Length];
    private readonly double[] _milliseconds = new double[Kept];
    private readonly Meter _meter = new("FtpActors.Logins");
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _duration;
    private long _total;

    /// <summary>With nothing counted.</summary>
    public LoginTally()
    {
        _answers = _meter.CreateCounter<long>("ftpactors.logins.answers", "{answer}", "Logins answered, by reason.");
        _duration = _meter.CreateHistogram<double>("ftpactors.logins.duration", "s", "From the request to the answer, without the own check.");
    }

    /// <summary>Counts an answer.</summary>
    public void Add(LoginAnswer answer)
    {
        lock (_gate)
        {
            _counts[(int)answer.Reason]++;
            _milliseconds[_total++ % Kept] = answer.Took.TotalMilliseconds;
        }
        _answers.Add(1, new KeyValuePair<string, object?>("reason", answer.Reason.ToString()));
        _duration.Record(answer.Took.TotalSeconds);
    }

    /// <summary>Answers given for a reason.</summary>
    public long Of(LoginReason reason)
    {
        lock (_gate)
            return _counts[(int)reason];
    }

    /// <summary>The time, in milliseconds, within which a part of the last 1,024 answers was given; null before the first.</summary>
    /// <param name="part">0 to 1; 0.99 for all but the slowest hundredth.</param>
    public double? Percentile(double part)
    {
        double[] sorted;
        lock (_gate)
            sorted = _milliseconds[..(int)Math.Min(_total, Kept)];
        if (sorted.Length == 0)
            return null;
        Array.Sort(sorted);
        return sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Ends the meter.</summary>
    public void Dispose() => _meter.Dispose();
}
