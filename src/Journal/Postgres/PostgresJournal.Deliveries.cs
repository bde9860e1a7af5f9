using System.Runtime.CompilerServices;
using Npgsql;

namespace FtpActors.Journal.Postgres;

// Explicit, because "query" and "count" alone would not say what of the journal is meant.
public sealed partial class PostgresJournal
{
    async Task<IReadOnlyList<DeliveryRecord>> IDueDeliveries.ReadDueAsync(
        int shard, string node, DateTimeOffset now, IReadOnlySet<long> running, IReadOnlyList<string> busyRules, int limit) =>
        await _server.ReadAsync(connection => connection.ReadAsync(
            DeliveryRow.Read, SqlTexts.ReadDue, shard, now, running.ToArray(), busyRules.ToArray(), limit)).ConfigureAwait(false);

    async Task<DateTimeOffset?> IDueDeliveries.ReadNextDueAsync(int shard, string node, DateTimeOffset after)
    {
        var next = await _server.ReadAsync(connection => connection.ReadAsync(
            r => r.Time(0), SqlTexts.ReadNextDue, shard, after)).ConfigureAwait(false);
        return next.Count == 0 ? null : next[0];
    }

    bool IDueDeliveries.IsConfirmed(int shard, long epoch) =>
        Volatile.Read(ref _owned[shard]) is { IsHeld: true } owned && owned.Epoch == epoch && owned.SilentFor < _options.Lease / 2;

    Task IDueDeliveries.StoreTryAsync(DeliveryProgress progress) => Owned(progress.Shard, progress.Epoch).WriteAsync(progress.Epoch, async connection =>
    {
        await RequireEpochAsync(connection, progress.Shard, progress.Epoch).ConfigureAwait(false);
        if (await DeliveryPlace.FindAsync(connection, progress.Id).ConfigureAwait(false) is not { } place || place.Shard != progress.Shard)
            throw new InvalidOperationException($"There is no delivery {progress.Id} in shard {progress.Shard}: its try cannot be stored.");

        await place.StoreAsync(connection, progress).ConfigureAwait(false);
        return true;
    });

    Task<int> IDeliveries.AddAsync(int shard, IReadOnlyList<NewDelivery> deliveries) => _server.WriteAsync(async connection =>
    {
        await LockShardsAsync(connection, shard).ConfigureAwait(false);
        var made = await DeliveryRow.InsertAsync(connection, shard, deliveries, _options.Clock.GetUtcNow()).ConfigureAwait(false);
        if (made > 0)
            await DueNote.TellAsync(connection, shard).ConfigureAwait(false);
        return made;
    });

    async IAsyncEnumerable<DeliveryRecord> IDeliveries.QueryAsync(DeliveryQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var page in QueryDeliveryPagesAsync(query, cancel).ConfigureAwait(false))
        {
            foreach (var delivery in page)
                yield return delivery;
        }
    }

    async Task<IReadOnlyList<DeliveryTry>> IDeliveries.ReadTriesAsync(long id) =>
        await _server.ReadAsync(connection => connection.ReadAsync(DeliveryRow.ReadTry, SqlTexts.ReadTries, id)).ConfigureAwait(false);

    // Page by page: a person's retry of very many must not hold up the commits of the shards.
    async Task<(IReadOnlyList<int> Shards, int Count)> IDeliveries.RetryAsync(DeliveryQuery query, DateTimeOffset now)
    {
        var (shards, count) = (new SortedSet<int>(), 0);
        await ForEachPlaceAsync(query, async (connection, place) =>
        {
            if (place.State == DeliveryState.Done)
                return;
            if (place.State == DeliveryState.Due)
            {
                await connection.RunAsync(SqlTexts.HastenDelivery, place.Id, now).ConfigureAwait(false);
            }
            else
            {
                await connection.RunAsync(SqlTexts.ReviveDelivery, place.Id, now).ConfigureAwait(false);
                await place.CameBackAsync(connection).ConfigureAwait(false);
            }
            shards.Add(place.Shard);
            await DueNote.TellAsync(connection, place.Shard).ConfigureAwait(false);
            count++;
        }).ConfigureAwait(false);
        return ([.. shards], count);
    }

    async Task<int> IDeliveries.DropAsync(DeliveryQuery query, DateTimeOffset now)
    {
        var count = 0;
        await ForEachPlaceAsync(query, async (connection, place) =>
        {
            if (place.State is not (DeliveryState.Due or DeliveryState.Dead))
                return;
            await using var batch = new NpgsqlBatch(connection);
            batch.Add(SqlTexts.DropDelivery, place.Id, now);
            if (place.State == DeliveryState.Due)
                place.Left(batch);
            await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
            count++;
        }).ConfigureAwait(false);
        return count;
    }

    async Task<IReadOnlyList<(string Rule, DeliveryState State, long Count)>> IDeliveries.CountAsync() =>
        await _server.ReadAsync(connection => connection.ReadAsync(
            r => (r.GetString(0), Words<DeliveryState>.Parse(r.GetString(1)), r.GetInt64(2)), SqlTexts.CountDeliveries)).ConfigureAwait(false);

    /// <summary>One transaction per page; each delivery as it stands when its shard's row is locked.</summary>
    private async Task ForEachPlaceAsync(DeliveryQuery query, Func<NpgsqlConnection, DeliveryPlace, Task> change)
    {
        await foreach (var page in QueryDeliveryPagesAsync(query, default).ConfigureAwait(false))
        {
            await _server.WriteAsync(async connection =>
            {
                await LockShardsAsync(connection, [.. page.Select(d => d.Shard).Distinct()]).ConfigureAwait(false);
                foreach (var delivery in page)
                {
                    if (await DeliveryPlace.FindAsync(connection, delivery.Id).ConfigureAwait(false) is { } place)
                        await change(connection, place).ConfigureAwait(false);
                }
                return true;
            }).ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<List<DeliveryRecord>> QueryDeliveryPagesAsync(DeliveryQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var after = 0L;
        if (query.Last is { } last and > 0)
        {
            after = await _server.ReadAsync(
                connection => connection.ReadOneAsync<long>(SqlTexts.QueryDeliveriesBackwards, Values(query, (long)last)), cancel).ConfigureAwait(false);
        }
        var left = query.Last ?? int.MaxValue;
        while (left > 0)
        {
            var from = after;
            var page = await _server.ReadAsync(connection => connection.ReadAsync(
                DeliveryRow.Read, SqlTexts.QueryDeliveries, Values(query, from, PageRows)), cancel).ConfigureAwait(false);
            if (page.Count == 0)
                yield break;
            after = page[^1].Id;
            yield return page.Count <= left ? page : page[..left];
            left -= Math.Min(left, page.Count);
        }
    }

    private static object?[] Values(DeliveryQuery query, params object?[] place) =>
    [
        query.State is { } state ? Words<DeliveryState>.Of(state) : null, LikePattern.From(query.Rule), LikePattern.From(query.User),
        query.Since, query.Until, LikePattern.From(query.Replay), query.Ids?.ToArray(), .. place,
    ];

    // Readers of what is committed see, after the lock, all that the transactions before have written.
    private static Task<List<int>> LockShardsAsync(NpgsqlConnection connection, params int[] shards) =>
        connection.ReadAsync(r => r.GetInt32(0), SqlTexts.LockShardRows, shards);

    private static async Task RequireEpochAsync(NpgsqlConnection connection, int shard, long epoch)
    {
        if (await connection.ReadOneAsync<int>(SqlTexts.RequireEpoch, shard, epoch).ConfigureAwait(false) == 0)
            throw new ShardLostException(shard, epoch);
    }
}
