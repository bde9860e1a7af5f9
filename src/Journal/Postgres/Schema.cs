using FtpActors.Journal.Postgres.Spread;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>Makes the tables of a journal or brings them up to date, and checks that the server is one that can keep it.</summary>
internal static class Schema
{
    /// <summary>First of the two keys of all our advisory locks; the second is the shard, or -1 for migrations, -2 for partitions. "FTPQ".</summary>
    public const int Magic = 0x46545051;

    /// <exception cref="JournalUnusableException">The server or the journal cannot be used as it is.</exception>
    /// <returns>The system that the journal belongs to, null where the server does not tell it.</returns>
    public static async Task<string?> PrepareAsync(NpgsqlConnection connection, string where, PostgresJournalOptions options)
    {
        var identity = await ServerIdentity.ReadAsync(connection, where).ConfigureAwait(false);
        await RequireServerAsync(connection, where, identity).ConfigureAwait(false);
        var version = await VersionAsync(connection).ConfigureAwait(false);
        if (version < SqlTexts.Migrations.Count)
            await MigrateAsync(connection, options, identity.System).ConfigureAwait(false);

        var (there, stored) = (await connection.ReadAsync(r => (r.GetInt32(1), r.GetInt32(0)), SqlTexts.ReadJournal).ConfigureAwait(false))[0];
        if (there > SqlTexts.Migrations.Count)
        {
            throw new JournalUnusableException(
                $"The journal in {where} has schema version {there}, this program knows {SqlTexts.Migrations.Count}: a newer one has used it. Run the newer program.");
        }
        if (stored != options.Shards)
        {
            throw new JournalUnusableException(
                $"The journal in {where} was made with {stored} shards, the configuration says {options.Shards}. The number is fixed when the journal is "
                + $"made: set it back to {stored}, or use a new database.");
        }
        await RequirePlaceAsync(connection, where, options.Place).ConfigureAwait(false);
        if (await connection.ReadOneAsync<bool>(SqlTexts.MayMakeDays).ConfigureAwait(false))
            await connection.RunAsync(SqlTexts.MakeDays).ConfigureAwait(false);
        return await RequireSystemAsync(connection, where, identity.System, options.Trouble).ConfigureAwait(false);
    }

    private static async Task RequirePlaceAsync(NpgsqlConnection connection, string where, ServerPlace? place)
    {
        var (server, map) = (await connection
            .ReadAsync(r => (r.IsDBNull(0) ? (int?)null : r.GetInt32(0), r.TextOrNull(1)), SqlTexts.ReadPlaceOfServer).ConfigureAwait(false))[0];
        if (server == place?.Server && map == place?.Map.ToString())
            return;
        var stored = map is null ? "the only one, with all shards" : $"number {server} of several that have the shards {{ {map} }}";
        var wanted = place is null ? "the only one" : $"number {place.Server} of several that have the shards {{ {place.Map} }}";
        throw new JournalUnusableException(
            $"The journal in {where} was made as {stored}; the configuration makes it {wanted}. Which server has which shards, and the order of the servers, "
            + "are fixed when the journals are made: set \"journal.connection\" and \"journal.servers\" back on this node, or use new databases.");
    }

    private static async Task<string?> RequireSystemAsync(NpgsqlConnection connection, string where, string? found, Action<string> trouble)
    {
        var stored = await connection.ReadOneAsync<string>(SqlTexts.ReadJournalSystem).ConfigureAwait(false);
        if (found is null)
        {
            trouble($"{where} does not tell its system identifier to this user (pg_control_system), so a copy of the journal on another server is not recognised.");
            return stored;
        }
        if (stored is not null && stored != found)
            throw PostgresFailure.AnotherSystem(where, stored, found);
        return found;
    }

    private static async Task RequireServerAsync(NpgsqlConnection connection, string where, ServerIdentity identity)
    {
        var (version, commit, fsync) = (await connection
            .ReadAsync(r => (r.GetInt32(0), r.GetString(1), r.GetString(2)), SqlTexts.ReadServer).ConfigureAwait(false))[0];
        // 14 brought idle_session_timeout, which is the lease of a shard.
        if (version < 140000)
            throw new JournalUnusableException($"{where} is version {version / 10000}; PostgreSQL 14 or newer is needed.");
        if (identity.IsStandby)
            throw PostgresFailure.Standby(where);
        if (commit == "off" || fsync == "off")
        {
            throw new JournalUnusableException(
                $"{where} answers before data is on its disk: synchronous_commit is {commit}, fsync is {fsync}. Set both to on; events would be lost with a crash.");
        }
    }

    private static async Task<int> VersionAsync(NpgsqlConnection connection) =>
        await connection.ReadOneAsync<bool>(SqlTexts.HasJournal).ConfigureAwait(false)
            ? (await connection.ReadAsync(r => r.GetInt32(1), SqlTexts.ReadJournal).ConfigureAwait(false))[0]
            : 0;

    // Nodes that start at once wait here for each other; whoever comes second finds the work done.
    private static async Task MigrateAsync(NpgsqlConnection connection, PostgresJournalOptions options, string? system)
    {
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        await connection.RunAsync(SqlTexts.LockMigration, Magic).ConfigureAwait(false);
        var version = await VersionAsync(connection).ConfigureAwait(false);
        var steps = SqlTexts.Migrations;
        for (var i = version; i < steps.Count; i++)
            await connection.RunAsync(steps[i]).ConfigureAwait(false);
        if (version == 0)
        {
            await connection.RunAsync(SqlTexts.InsertJournal, options.Shards, steps.Count, system).ConfigureAwait(false);
            await connection.RunAsync(SqlTexts.InsertShards, options.Shards).ConfigureAwait(false);
            if (options.Place is { } place)
            {
                await connection.RunAsync(SqlTexts.SetPlaceOfServer, place.Server, place.Map.ToString()).ConfigureAwait(false);
                await connection.ReadOneAsync<long>(SqlTexts.StartDeliveryIds, DeliveryIds.FirstOf(place.Server)).ConfigureAwait(false);
            }
        }
        else if (version < steps.Count)
        {
            await connection.RunAsync(SqlTexts.SetVersion, steps.Count).ConfigureAwait(false);
            await connection.RunAsync(SqlTexts.SetJournalSystem, system).ConfigureAwait(false);
        }
        await transaction.CommitAsync().ConfigureAwait(false);
    }
}
