namespace FtpActors.Actors.Lease;

/// <summary>
/// Who of the members is dead for the database: pure. A member is missed only after it was seen to hold its lock, and is dead when it is missed in some looks in a row: one whose
/// connection broke takes its lock anew in the time between two. After our own connection was away nobody has been seen: then all may have lost their locks, as when the
/// server was started again.
/// </summary>
public sealed class WitnessView
{
    /// <summary>Looks in a row in which a member must be missed.</summary>
    public const int Looks = 3;

    private readonly Dictionary<int, int> _missed = [];

    /// <summary>One look.</summary>
    /// <param name="members">The members that should hold a lock, by the numbers of their incarnations, without this one.</param>
    /// <param name="holders">Who holds a lock now.</param>
    /// <returns>Who is dead, told once.</returns>
    public IReadOnlyList<int> Look(IReadOnlyCollection<int> members, IReadOnlySet<int> holders)
    {
        foreach (var gone in _missed.Keys.Except(members).ToList())
            _missed.Remove(gone);
        var dead = new List<int>();
        foreach (var member in members)
        {
            if (holders.Contains(member))
                _missed[member] = 0;
            else if (_missed.TryGetValue(member, out var missed) && missed < Looks && (_missed[member] = missed + 1) == Looks)
                dead.Add(member);
        }
        return dead;
    }

    /// <summary>Our own connection was away.</summary>
    public void Forget() => _missed.Clear();
}
