using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Deliveries;

/// <summary>The rules in force and the users they may ask for. Replaced as a whole; every reader takes one look and keeps to it.</summary>
public sealed class RuleBook(RuleSet rules, UserDirectory? users)
{
    private RuleSet _rules = rules;

    /// <summary>Other rules are in force: what they let run now may begin. Called on the thread of whoever put them there.</summary>
    public event Action? Changed;

    /// <summary>The rules in force.</summary>
    public RuleSet Rules
    {
        get => Volatile.Read(ref _rules);
        set
        {
            Volatile.Write(ref _rules, value);
            Changed?.Invoke();
        }
    }

    /// <summary>The site's users; null when there is no such file.</summary>
    public UserDirectory? Users { get; } = users;
}
