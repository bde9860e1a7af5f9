
namespace FtpActors.Actors.Logins;

/// <summary>What changed among the slots: one row of their journal, or all of them in a snapshot.</summary>
/// <param name="LastId">Number of the last slot that was ever given.</param>
/// <param name="Set">Slots that are new, or not as they were.</param>
/// <param name="Removed">Numbers of slots that are gone.</param>
public sealed record SlotsChanged(long LastId, IReadOnlyList<LoginSlot> Set, IReadOnlyList<long> Removed);

/// <summary>The slots of a slice of the users: pure. Every question gives an answer and what changes by it; nothing changes before <see cref="Apply"/>.</summary>
/// <param name="slice">The slice.</param>
/// <param name="slices">How users are sliced.</param>
internal sealed class SlotBook(int slice, Slices slices)
{
    private readonly SortedDictionary<long, LoginSlot> _slots = [];
    private readonly Dictionary<string, SortedSet<long>> _byUser = new(StringComparer.Ordinal);
    private long _lastId;

    /// <summary>All slots, as one change.</summary>
    public SlotsChanged All => new(_lastId, [.. _slots.Values], []);

    /// <summary>The slots that count, in the order of their numbers.</summary>
    /// <param name="userKey">Only of this user; null for all.</param>
    /// <param name="now">When.</param>
    public IEnumerable<LoginSlot> Counting(string? userKey, DateTimeOffset now) =>
        (userKey is null ? _slots.Values : Of(userKey)).Where(slot => slot.ExpiresAt > now);

    /// <summary>A reservation, when no limit is full.</summary>
    public (SlotAnswer Answer, SlotsChanged? Change) Reserve(LoginClaim claim, SlotLimits limits, DateTimeOffset now, TimeSpan lease)
    {
        var (all, host, address) = (0, 0, 0);
        foreach (var slot in Counting(claim.UserKey, now))
        {
            all++;
            host += slot.Claim.Host == claim.Host ? 1 : 0;
            address += slot.Claim.Remote == claim.Remote ? 1 : 0;
        }
        SlotLimit? full =
            all >= limits.Max ? SlotLimit.Max
            : host >= limits.MaxPerHost ? SlotLimit.MaxPerHost
            : address >= limits.MaxPerAddress ? SlotLimit.MaxPerAddress
            : null;
        if (full is not null)
            return (new SlotAnswer(null, full), null);
        var made = new LoginSlot(slices.After(slice, _lastId), claim, null, now, now + lease);
        return (new SlotAnswer(made.Id, null), new SlotsChanged(made.Id, [made], []));
    }

    /// <summary>Gives every session the slot it has, else the oldest reservation of its user, host and address, else a new one.</summary>
    public (IReadOnlyList<long> Slots, SlotsChanged Change) Confirm(IReadOnlyList<LoggedIn> sessions, DateTimeOffset now, TimeSpan lease)
    {
        var last = _lastId;
        var set = new List<LoginSlot>(sessions.Count);
        foreach (var (claim, session) in sessions)
        {
            bool IsOfSession(LoginSlot slot) => slot.Claim.Host == claim.Host && slot.Session == session;
            var slot = set.Find(IsOfSession) ?? Of(claim.UserKey).FirstOrDefault(IsOfSession)
                ?? Of(claim.UserKey).FirstOrDefault(s => s.Session is null && s.Claim.Host == claim.Host && s.Claim.Remote == claim.Remote && set.TrueForAll(taken => taken.Id != s.Id))
                ?? new LoginSlot(last = slices.After(slice, last), claim, null, now, now + lease);
            set.Add(slot with { Session = session, ExpiresAt = now + lease });
        }
        return ([.. set.Select(s => s.Id)], new SlotsChanged(last, set, []));
    }

    /// <summary>Another lease for slots that are there, and the end of those that expired.</summary>
    public (IReadOnlyList<long> Kept, SlotsChanged Change) Renew(IReadOnlyList<long> ids, DateTimeOffset now, TimeSpan lease)
    {
        var renewed = ids.Where(_slots.ContainsKey).Select(id => _slots[id] with { ExpiresAt = now + lease }).ToList();
        var kept = renewed.Select(s => s.Id).ToHashSet();
        return ([.. kept], new SlotsChanged(_lastId, renewed, [.. _slots.Values.Where(s => s.ExpiresAt <= now && !kept.Contains(s.Id)).Select(s => s.Id)]));
    }

    /// <summary>Slots are given back; those that are gone already are no error.</summary>
    public SlotsChanged Release(IReadOnlyList<long> ids) => new(_lastId, [], [.. ids.Where(_slots.ContainsKey)]);

    /// <summary>Takes note of a change.</summary>
    public void Apply(SlotsChanged change)
    {
        _lastId = Math.Max(_lastId, change.LastId);
        foreach (var id in change.Removed)
        {
            if (!_slots.Remove(id, out var gone) || !_byUser.TryGetValue(gone.Claim.UserKey, out var ids))
                continue;
            ids.Remove(id);
            if (ids.Count == 0)
                _byUser.Remove(gone.Claim.UserKey);
        }
        foreach (var slot in change.Set)
        {
            _slots[slot.Id] = slot;
            if (!_byUser.TryGetValue(slot.Claim.UserKey, out var ids))
                _byUser.Add(slot.Claim.UserKey, ids = []);
            ids.Add(slot.Id);
        }
    }

    private IEnumerable<LoginSlot> Of(string userKey) => _byUser.TryGetValue(userKey, out var ids) ? ids.Select(id => _slots[id]) : [];
}
