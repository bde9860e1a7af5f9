using FtpActors.Journal;

namespace FtpActors.Node.Hosting;

/// <summary>The slots of a node's store also while that is not connected: logins are answered from the start, by the setting as long as nothing can be counted.</summary>
internal sealed class StoreSlots(INodeStore store) : ILoginSlots
{
    public async Task<SlotAnswer> ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience) =>
        await store.LoginSlots.ReserveAsync(claim, limits, lease, patience);

    public async Task<IReadOnlyList<long>> ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease) => await store.LoginSlots.ConfirmAsync(sessions, lease);

    public async Task<IReadOnlyList<long>> RenewAsync(IReadOnlyList<long> slots, TimeSpan lease) => await store.LoginSlots.RenewAsync(slots, lease);

    public async Task ReleaseAsync(IReadOnlyList<long> slots) => await store.LoginSlots.ReleaseAsync(slots);

    public async Task<IReadOnlyList<LoginSlot>> ReadSlotsAsync(string? user) => await store.LoginSlots.ReadSlotsAsync(user);
}
