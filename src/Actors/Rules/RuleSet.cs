using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>Which end of a session.</summary>
public enum SessionTrigger
{
    /// <summary>It became known.</summary>
    Start,
    /// <summary>It ended.</summary>
    End,
}

/// <summary>All rules of a node, in the order of the file, indexed by what they wait for. Immutable; nothing is allocated when no rule fits.</summary>
public sealed class RuleSet
{
    private readonly Rule[][] _byTrigger;
    private readonly Dictionary<string, Rule> _byName;

    /// <summary>Of checked rules with different names.</summary>
    public RuleSet(IReadOnlyList<Rule> rules)
    {
        Rules = rules;
        _byName = rules.ToDictionary(r => r.Name, StringComparer.Ordinal);
        _byTrigger = [.. Enum.GetValues<TriggerKind>().Select(kind => rules.Where(r => r.On.Contains(kind)).ToArray())];
    }

    /// <summary>No rules.</summary>
    public static RuleSet Empty { get; } = new([]);

    /// <summary>The rules in the order of the file.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>What they were read from, with everything included and looked up, to see whether they changed.</summary>
    public string Text { get; init; } = "";

    /// <summary>Whether any rule waits for this; lets a caller spare the work of gathering facts.</summary>
    public bool Awaits(TriggerKind kind) => _byTrigger[(int)kind].Length > 0;

    /// <summary>The rule of that name, null when there is none (any more).</summary>
    public Rule? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The rules that fit an event, in order.</summary>
    public IReadOnlyList<Rule> Match(FtpEvent e)
    {
        // It is told again when it has its final name.
        if ((e.Kind == EventKind.Upload && (e.Flags & EventFlags.Temporary) != 0) || (e.Flags & EventFlags.Late) != 0)
            return [];
        List<Rule>? hits = null;
        foreach (var rule in _byTrigger[(int)e.Kind])
        {
            if (rule.Matches(e))
                (hits ??= []).Add(rule);
        }
        return hits ?? (IReadOnlyList<Rule>)[];
    }

    /// <summary>The rules that fit the start or the end of a session, in order. <paramref name="files"/> may be empty for a start.</summary>
    public IReadOnlyList<Rule> MatchSession(SessionRecord session, SessionTrigger trigger, IReadOnlyList<SessionFile> files)
    {
        List<Rule>? hits = null;
        foreach (var rule in _byTrigger[(int)(trigger == SessionTrigger.Start ? TriggerKind.SessionStart : TriggerKind.SessionEnd)])
        {
            if (trigger == SessionTrigger.Start ? rule.MatchesStart(session) : rule.MatchesEnd(session, files))
                (hits ??= []).Add(rule);
        }
        return hits ?? (IReadOnlyList<Rule>)[];
    }

    /// <summary>The rules for something that the node itself tells (<c>backlog_high</c>, <c>dead_letter</c>); absent names are "".</summary>
    public IReadOnlyList<Rule> MatchNotice(TriggerKind kind, string host, string service = "", string user = "") =>
        [.. _byTrigger[(int)kind].Where(r => r.FitsWho(user, service, host))];
}
