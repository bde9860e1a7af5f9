using System.Globalization;
using Akka.Actor;
using FtpActors.Protocol;

namespace FtpActors.Actors.Logins;

/// <summary>The count of sessions, for those who are no actors. What concerns several slices is asked of all of them at once.</summary>
/// <param name="actor">Takes messages for slices.</param>
/// <param name="slices">How many there are.</param>
public sealed class LoginSlots(IActorRef actor, int slices) : ILoginSlots
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Slices _slices = new(slices);

    /// <inheritdoc/>
    public Task<SlotAnswer> ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience) =>
        AskAsync<SlotAnswer>(new ReserveSlot(_slices.Of(claim.UserKey), claim, limits, lease), patience);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<long>> ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease)
    {
        var places = sessions.Select((session, place) => (session, place)).GroupBy(s => _slices.Of(s.session.Claim.UserKey)).ToList();
        var answers = await Task.WhenAll(places.Select(
            slice => AskAsync<SlotNumbers>(new ConfirmSlots(slice.Key, [.. slice.Select(s => s.session)], lease), Patience))).ConfigureAwait(false);
        var slots = new long[sessions.Count];
        foreach (var (slice, answer) in places.Zip(answers))
        {
            foreach (var ((_, place), slot) in slice.Zip(answer.Slots))
                slots[place] = slot;
        }
        return slots;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> slots, TimeSpan lease) =>
        // All of them: each removes what expired.
        AskEachAsync(Enumerable.Range(0, _slices.Count).Select(slice => new RenewSlots(slice, [.. slots.Where(slot => _slices.Of(slot) == slice)], lease)));

    /// <inheritdoc/>
    public Task ReleaseAsync(IReadOnlyList<long> slots) => AskEachAsync(slots.GroupBy(_slices.Of).Select(slice => new ReleaseSlots(slice.Key, [.. slice])));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LoginSlot>> ReadSlotsAsync(string? user)
    {
        var asked = user is null ? Enumerable.Range(0, _slices.Count) : [_slices.Of(LoginClaim.KeyOf(user))];
        var read = await Task.WhenAll(asked.Select(slice => AskAsync<SlotsRead>(new AskSlots(slice, user), Patience))).ConfigureAwait(false);
        return [.. read.SelectMany(r => r.Slots).OrderBy(s => s.Id)];
    }

    private async Task<IReadOnlyList<long>> AskEachAsync(IEnumerable<IForLogins> messages) =>
        [.. (await Task.WhenAll(messages.Select(m => AskAsync<SlotNumbers>(m, Patience))).ConfigureAwait(false)).SelectMany(answer => answer.Slots)];

    private async Task<T> AskAsync<T>(IForLogins message, TimeSpan patience)
    {
        try
        {
            return await actor.Ask<object>(message, patience).ConfigureAwait(false) switch
            {
                T answer => answer,
                SlotsRefused refused => throw new JournalUnavailableException(refused.Reason),
                var other => throw new InvalidOperationException($"{other.GetType()} is no answer to {message.GetType()}."),
            };
        }
        catch (AskTimeoutException e)
        {
            throw new JournalUnavailableException(
                string.Create(CultureInfo.InvariantCulture, $"The count of sessions was not answered within {patience.TotalMilliseconds:0} ms: its journal is slow or cannot be written."), e);
        }
    }
}
