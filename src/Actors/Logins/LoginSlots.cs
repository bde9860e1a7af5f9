using System.Globalization;
using Akka.Actor;
using FtpActors.Protocol;

namespace FtpActors.Actors.Logins;

/// <summary>The count of sessions, for those who are no actors.</summary>
/// <param name="actor">The one that counts, a <see cref="LoginSlotsActor"/>.</param>
public sealed class LoginSlots(IActorRef actor) : ILoginSlots
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public Task<SlotAnswer> ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience) =>
        AskAsync<SlotAnswer>(new ReserveSlot(claim, limits, lease), patience);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<long>> ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease) =>
        (await AskAsync<SlotNumbers>(new ConfirmSlots(sessions, lease), Patience).ConfigureAwait(false)).Slots;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> slots, TimeSpan lease) =>
        (await AskAsync<SlotNumbers>(new RenewSlots(slots, lease), Patience).ConfigureAwait(false)).Slots;

    /// <inheritdoc/>
    public Task ReleaseAsync(IReadOnlyList<long> slots) => AskAsync<SlotNumbers>(new ReleaseSlots(slots), Patience);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<LoginSlot>> ReadSlotsAsync(string? user) => (await AskAsync<SlotsRead>(new AskSlots(user), Patience).ConfigureAwait(false)).Slots;

    private async Task<T> AskAsync<T>(object message, TimeSpan patience)
    {
        try
        {
            return await actor.Ask<T>(message, patience).ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new JournalUnavailableException(
                string.Create(CultureInfo.InvariantCulture, $"The count of sessions was not answered within {patience.TotalMilliseconds:0} ms: its journal is slow or cannot be written."), e);
        }
    }
}
