using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Deliveries;

/// <summary>How many actions run at once on this node, in all and per rule. What finds no slot stays in the journal. Safe from any thread.</summary>
/// <param name="most">Actions of the whole node, from 1.</param>
public sealed class ActionSlots(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _perRule = new(StringComparer.Ordinal);
    private int _taken;

    /// <summary>Raised after a slot was given back, on the thread that gave it: handlers must be quick.</summary>
    public event Action? Freed;

    /// <summary>Whether there is a slot for a rule, for the moment.</summary>
    public bool HasFree(RuleSet rules, string rule)
    {
        lock (_gate)
            return IsFree(rules, rule);
    }

    /// <summary>Takes a slot; false when there is none for that rule.</summary>
    public bool TryTake(RuleSet rules, string rule)
    {
        lock (_gate)
        {
            if (!IsFree(rules, rule))
                return false;
            _taken++;
            _perRule[rule] = _perRule.GetValueOrDefault(rule) + 1;
            return true;
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Give(string rule)
    {
        lock (_gate)
        {
            _taken--;
            if (--_perRule[rule] == 0)
                _perRule.Remove(rule);
        }
        Freed?.Invoke();
    }

    private bool IsFree(RuleSet rules, string rule) => _taken < most && _perRule.GetValueOrDefault(rule) < MostOf(rules, rule);

    // A rule that is gone runs nothing; its deliveries only become dead letters.
    private static int MostOf(RuleSet rules, string rule) => rules.Find(rule)?.Parallel ?? 1;
}
