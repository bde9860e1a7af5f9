namespace FtpActors.Journal.Sqlite;

// Sessions of a user. One node writes the file, so its clock is the store's.
public sealed partial class SqliteJournal
{
    // A request in the writer's queue cannot be taken back: the caller does not wait for it longer than it likes.
    Task<SlotAnswer> ILoginSlots.ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience) =>
        _writer.WriteAsync(new ReserveLogin(claim, limits, _clock.GetUtcNow(), _clock.GetUtcNow() + lease));

    Task<IReadOnlyList<long>> ILoginSlots.ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease) =>
        _writer.WriteAsync(new ConfirmLogins(sessions, _clock.GetUtcNow(), _clock.GetUtcNow() + lease));

    Task<IReadOnlyList<long>> ILoginSlots.RenewAsync(IReadOnlyList<long> slots, TimeSpan lease) =>
        _writer.WriteAsync(new RenewLogins(slots, _clock.GetUtcNow(), _clock.GetUtcNow() + lease));

    Task ILoginSlots.ReleaseAsync(IReadOnlyList<long> slots) => _writer.WriteAsync(new ReleaseLogins(slots));

    Task<IReadOnlyList<LoginSlot>> ILoginSlots.ReadSlotsAsync(string? user) => _readers.ReadAsync<IReadOnlyList<LoginSlot>>(database =>
    {
        var slots = new List<LoginSlot>();
        var row = database[SqlTexts.All.ReadLogins].Bind(1, user is null ? null : LoginClaim.KeyOf(user)).Bind(2, Times.ToMicroseconds(_clock.GetUtcNow()));
        while (row.Step())
            slots.Add(LoginRow.Read(row));
        return slots;
    });
}
