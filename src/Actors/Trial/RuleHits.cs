namespace FtpActors.Actors.Trial;

/// <summary>One thing that a rule would have fired for.</summary>
/// <param name="At">When.</param>
/// <param name="Trigger">The word for what fired.</param>
/// <param name="Id">Identity of the event, or id of the session.</param>
/// <param name="User">Login name.</param>
/// <param name="Path">The file; null for a session.</param>
public sealed record TrialExample(DateTimeOffset At, string Trigger, string Id, string User, string? Path);

/// <summary>What one rule would have done.</summary>
/// <param name="Rule">Its name.</param>
/// <param name="Matches">How often it would have fired.</param>
/// <param name="Examples">The first of them in time, at most <see cref="RuleTrial.MostExamples"/>.</param>
public sealed record TrialResult(string Rule, long Matches, IReadOnlyList<TrialExample> Examples);

/// <summary>Counts and first examples of one rule. Safe from any thread.</summary>
internal sealed class RuleHits
{
    private readonly Lock _gate = new();
    private readonly List<TrialExample> _first = [];
    private long _matches;

    public void Add(DateTimeOffset at, Func<TrialExample> example)
    {
        lock (_gate)
        {
            _matches++;
            if (_first.Count == RuleTrial.MostExamples && _first[^1].At <= at)
                return;
            var place = _first.FindIndex(e => e.At > at);
            _first.Insert(place < 0 ? _first.Count : place, example());
            if (_first.Count > RuleTrial.MostExamples)
                _first.RemoveAt(RuleTrial.MostExamples);
        }
    }

    public TrialResult Of(string rule)
    {
        lock (_gate)
            return new TrialResult(rule, _matches, [.. _first]);
    }
}
