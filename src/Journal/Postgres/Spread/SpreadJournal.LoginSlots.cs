namespace FtpActors.Journal.Postgres.Spread;

// A user's sessions are counted over all hosts and belong to no shard: the first server counts them.
public sealed partial class SpreadJournal
{
    Task<SlotAnswer> ILoginSlots.ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience) =>
        _slots.ReserveAsync(claim, limits, lease, patience);

    Task<IReadOnlyList<long>> ILoginSlots.ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease) => _slots.ConfirmAsync(sessions, lease);

    Task<IReadOnlyList<long>> ILoginSlots.RenewAsync(IReadOnlyList<long> slots, TimeSpan lease) => _slots.RenewAsync(slots, lease);

    Task ILoginSlots.ReleaseAsync(IReadOnlyList<long> slots) => _slots.ReleaseAsync(slots);

    Task<IReadOnlyList<LoginSlot>> ILoginSlots.ReadSlotsAsync(string? user) => _slots.ReadSlotsAsync(user);
}
