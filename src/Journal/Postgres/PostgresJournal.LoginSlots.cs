using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace FtpActors.Journal.Postgres;

// Sessions of a user over all hosts. The clock is the server's.
public sealed partial class PostgresJournal
{
    // First key of the advisory locks of users, beside that of shards: "FTPL".
    private const int LoginMagic = 0x4654504C;

    async Task<SlotAnswer> ILoginSlots.ReserveAsync(LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience)
    {
        using var cancel = new CancellationTokenSource(patience);
        try
        {
            return await _server.WriteAsync(connection => ReserveAsync(connection, claim, limits, lease, patience), cancel.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw new JournalUnavailableException($"{_server.Where} gave no connection within {patience.TotalMilliseconds:0} ms. Nothing was stored.", e);
        }
    }

    Task<IReadOnlyList<long>> ILoginSlots.ConfirmAsync(IReadOnlyList<LoggedIn> sessions, TimeSpan lease) =>
        _server.WriteAsync<IReadOnlyList<long>>(async connection =>
        {
            var slots = new List<long>(sessions.Count);
            foreach (var part in sessions.Chunk(PageRows))
            {
                await using var batch = new NpgsqlBatch(connection);
                foreach (var (claim, session) in part)
                    batch.Add(SqlTexts.ConfirmLogin, claim.UserKey, claim.User, claim.Host, claim.Remote, session, lease);
                await using var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
                do
                {
                    await reader.ReadAsync().ConfigureAwait(false);
                    slots.Add(reader.GetInt64(0));
                }
                while (await reader.NextResultAsync().ConfigureAwait(false));
            }
            return slots;
        });

    Task<IReadOnlyList<long>> ILoginSlots.RenewAsync(IReadOnlyList<long> slots, TimeSpan lease) =>
        _server.WriteAsync<IReadOnlyList<long>>(async connection =>
        {
            var kept = await connection.ReadAsync(r => r.GetInt64(0), SqlTexts.RenewLogins, slots.ToArray(), lease).ConfigureAwait(false);
            await connection.RunAsync(SqlTexts.ExpireLogins).ConfigureAwait(false);
            return kept;
        });

    Task ILoginSlots.ReleaseAsync(IReadOnlyList<long> slots) =>
        _server.ReadAsync(connection => connection.RunAsync(SqlTexts.ReleaseLogins, slots.ToArray()));

    Task<IReadOnlyList<LoginSlot>> ILoginSlots.ReadSlotsAsync(string? user) =>
        _server.ReadAsync<IReadOnlyList<LoginSlot>>(async connection => await connection.ReadAsync(
            r => new LoginSlot(r.GetInt64(0), new LoginClaim(r.GetString(1), r.GetString(2), r.GetString(3)), r.TextOrNull(4), r.Time(5), r.Time(6)),
            SqlTexts.ReadLogins, user is null ? null : LoginClaim.KeyOf(user)).ConfigureAwait(false));

    private static async Task<SlotAnswer> ReserveAsync(
        NpgsqlConnection connection, LoginClaim claim, SlotLimits limits, TimeSpan lease, TimeSpan patience)
    {
        await using var batch = new NpgsqlBatch(connection);
        // 0 would be no limit at all.
        var milliseconds = Math.Max(1, (long)patience.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        batch.Add(SqlTexts.BeginLogin, milliseconds)
            .Add(SqlTexts.LockLogin, LoginMagic, LockOf(claim.UserKey))
            .Add(SqlTexts.ReserveLogin, claim.UserKey, claim.User, claim.Host, claim.Remote, limits.Max, limits.MaxPerHost, limits.MaxPerAddress, lease);
        await using var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
        await reader.NextResultAsync().ConfigureAwait(false);
        await reader.NextResultAsync().ConfigureAwait(false);
        await reader.ReadAsync().ConfigureAwait(false);
        return reader.IsDBNull(0) ? new SlotAnswer(null, (SlotLimit)reader.GetInt32(1)) : new SlotAnswer(reader.GetInt64(0), null);
    }

    // Two users with the same number wait for each other and are otherwise strangers.
    private static int LockOf(string userKey) => BinaryPrimitives.ReadInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(userKey)));
}
