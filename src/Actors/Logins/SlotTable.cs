using System.Net;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Actors.Logins;

/// <summary>What is to be done to the slots after a look at the sessions.</summary>
/// <param name="Confirm">Sessions that have no slot yet.</param>
/// <param name="Renew">Slots of sessions that live.</param>
/// <param name="Release">Slots of sessions that are gone.</param>
public sealed record SlotPlan(IReadOnlyList<LoggedIn> Confirm, IReadOnlyList<long> Renew, IReadOnlyList<long> Release);

/// <summary>
/// Which slots the sessions of one host have, as far as this node knows, and what to do when the sessions change. It only knows what the store has
/// confirmed: after a start it is empty, and the store gives every session the slot it had. Reservations are noted from any thread; the rest is the watch's.
/// </summary>
/// <param name="host">Name of the node.</param>
/// <param name="limits">Whose sessions need slots.</param>
/// <param name="lease">How long a slot counts.</param>
public sealed class SlotTable(string host, LoginLimits limits, TimeSpan lease)
{
    private readonly Lock _gate = new();
    // Bounded by the logins within one lease.
    private readonly List<(LoginClaim Claim, DateTimeOffset Until)> _reserved = [];
    // Slot by session.
    private readonly Dictionary<string, long> _held = new(StringComparer.Ordinal);

    /// <summary>Sessions that have a slot.</summary>
    public int Held { get { lock (_gate) return _held.Count; } }

    /// <summary>Whose login an address of a client is; addresses of IPv4 look the same on an IPv6 socket.</summary>
    public static string RemoteOf(IPAddress? address) =>
        address is null ? "" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes())).ToString();

    /// <summary>The same for an address as text; what is none stays as it is.</summary>
    public static string RemoteOf(string peer) => IPAddress.TryParse(peer, out var address) ? RemoteOf(address) : peer;

    /// <summary>A login was given a slot: its session should appear.</summary>
    public void Reserved(LoginClaim claim, DateTimeOffset now)
    {
        lock (_gate)
            _reserved.Add((claim, now + lease));
    }

    /// <summary>Whether a session is awaited that was reserved and not seen yet. Wrong passwords leave reservations that only expire.</summary>
    public bool IsAwaiting(DateTimeOffset now)
    {
        lock (_gate)
        {
            _reserved.RemoveAll(r => r.Until <= now);
            return _reserved.Count > 0;
        }
    }

    /// <summary>Compares the sessions that are there with those that have slots.</summary>
    /// <param name="sessions">Everything the scoreboard shows, also who is not logged in yet.</param>
    public SlotPlan Plan(IReadOnlyList<ScoreboardEntry> sessions)
    {
        lock (_gate)
        {
            var confirm = new List<LoggedIn>();
            var there = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in sessions)
            {
                if (!entry.IsLoggedIn || limits.Of(entry.Account) is null || !there.Add(entry.Session))
                    continue;
                if (!_held.ContainsKey(entry.Session))
                    confirm.Add(new LoggedIn(new LoginClaim(entry.Account, host, RemoteOf(entry.Peer?.Address)), entry.Session));
            }
            return new SlotPlan(
                confirm, [.. _held.Where(h => there.Contains(h.Key)).Select(h => h.Value)], [.. _held.Where(h => !there.Contains(h.Key)).Select(h => h.Value)]);
        }
    }

    /// <summary>All slots that are held: to renew when nothing is known of the sessions.</summary>
    public IReadOnlyList<long> HeldSlots()
    {
        lock (_gate)
            return [.. _held.Values];
    }

    /// <summary>The store has given sessions their slots.</summary>
    public void Confirmed(IReadOnlyList<LoggedIn> sessions, IReadOnlyList<long> slots)
    {
        lock (_gate)
        {
            foreach (var (session, slot) in sessions.Zip(slots))
            {
                _held[session.Session] = slot;
                var reserved = _reserved.FindIndex(r => r.Claim.UserKey == session.Claim.UserKey && r.Claim.Remote == session.Claim.Remote);
                if (reserved >= 0)
                    _reserved.RemoveAt(reserved);
            }
        }
    }

    /// <summary>The store has kept some of the slots; sessions of the others are confirmed anew at the next look.</summary>
    /// <param name="asked">The slots that were to be renewed.</param>
    /// <param name="kept">Those that were still there.</param>
    public void Renewed(IReadOnlyList<long> asked, IReadOnlyList<long> kept) => Released([.. asked.Except(kept)]);

    /// <summary>Slots are no longer held.</summary>
    public void Released(IReadOnlyList<long> slots)
    {
        if (slots.Count == 0)
            return;
        var gone = slots.ToHashSet();
        lock (_gate)
        {
            foreach (var session in _held.Where(h => gone.Contains(h.Value)).Select(h => h.Key).ToList())
                _held.Remove(session);
        }
    }
}
