namespace FtpActors.Journal.Sqlite;

/// <summary>A reservation: counted and made by the one writer, so nothing comes between.</summary>
internal sealed class ReserveLogin(LoginClaim claim, SlotLimits limits, DateTimeOffset now, DateTimeOffset expiresAt) : WriteRequest<SlotAnswer>
{
    public override void Write(WriterRows rows)
    {
        var used = rows.Database[WriterRows.Sql.CountLogins]
            .Bind(1, claim.UserKey).Bind(2, claim.Host).Bind(3, claim.Remote).Bind(4, Times.ToMicroseconds(now));
        used.Step();
        SlotLimit? full =
            used.Integer(0) >= limits.Max ? SlotLimit.Max
            : used.Integer(1) >= limits.MaxPerHost ? SlotLimit.MaxPerHost
            : used.Integer(2) >= limits.MaxPerAddress ? SlotLimit.MaxPerAddress
            : null;
        used.Reset();
        Answer = new SlotAnswer(full is null ? LoginRow.Insert(rows.Database, claim, null, now, expiresAt) : null, full);
    }
}

/// <summary>Slots for sessions that are there.</summary>
internal sealed class ConfirmLogins(IReadOnlyList<LoggedIn> sessions, DateTimeOffset now, DateTimeOffset expiresAt) : WriteRequest<IReadOnlyList<long>>
{
    public override int Rows => sessions.Count;

    public override void Write(WriterRows rows) => Answer = [.. sessions.Select(session => Confirm(rows.Database, session))];

    private long Confirm(Database database, LoggedIn session)
    {
        var (claim, sql) = (session.Claim, WriterRows.Sql);
        var slot = LoginRow.Find(database[sql.FindLogin].Bind(1, claim.Host).Bind(2, session.Session))
            ?? LoginRow.Find(database[sql.FindReservation].Bind(1, claim.UserKey).Bind(2, claim.Host).Bind(3, claim.Remote));
        if (slot is not { } id)
            return LoginRow.Insert(database, claim, session.Session, now, expiresAt);
        database[sql.BindLogin].Bind(1, id).Bind(2, session.Session).Bind(3, Times.ToMicroseconds(expiresAt)).Run();
        return id;
    }
}

/// <summary>Another lease for some slots, the end of those that expired.</summary>
internal sealed class RenewLogins(IReadOnlyList<long> slots, DateTimeOffset now, DateTimeOffset expiresAt) : WriteRequest<IReadOnlyList<long>>
{
    public override int Rows => slots.Count + 1;

    public override void Write(WriterRows rows)
    {
        var kept = new List<long>(slots.Count);
        var renew = rows.Database[WriterRows.Sql.RenewLogin].Bind(2, Times.ToMicroseconds(expiresAt));
        foreach (var slot in slots)
        {
            renew.Bind(1, slot).Run();
            if (rows.Database.Changes == 1)
                kept.Add(slot);
        }
        rows.Database[WriterRows.Sql.ExpireLogins].Bind(1, Times.ToMicroseconds(now)).Run();
        Answer = kept;
    }
}

/// <summary>Slots that are given back.</summary>
internal sealed class ReleaseLogins(IReadOnlyList<long> slots) : WriteRequest<bool>
{
    public override int Rows => slots.Count;

    public override void Write(WriterRows rows)
    {
        var release = rows.Database[WriterRows.Sql.ReleaseLogin];
        foreach (var slot in slots)
            release.Bind(1, slot).Run();
    }
}

/// <summary>A row of login_slot.</summary>
internal static class LoginRow
{
    public static long Insert(Database database, LoginClaim claim, string? session, DateTimeOffset now, DateTimeOffset expiresAt)
    {
        var insert = database[WriterRows.Sql.InsertLogin].Bind(1, claim.UserKey).Bind(2, claim.User).Bind(3, claim.Host).Bind(4, claim.Remote)
            .Bind(5, session).Bind(6, Times.ToMicroseconds(now)).Bind(7, Times.ToMicroseconds(expiresAt));
        insert.Step();
        var id = insert.Integer(0);
        insert.Reset();
        return id;
    }

    public static long? Find(Statement row)
    {
        long? id = row.Step() ? row.Integer(0) : null;
        row.Reset();
        return id;
    }

    public static LoginSlot Read(Statement row) => new(
        row.Integer(0), new LoginClaim(row.Text(1), row.Text(2), row.Text(3)), row.TextOrNull(4),
        Times.FromMicroseconds(row.Integer(5)), Times.FromMicroseconds(row.Integer(6)));
}
