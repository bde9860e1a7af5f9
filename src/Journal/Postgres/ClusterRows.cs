using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>The rows of <c>read_cluster</c>: a member or a shard each.</summary>
internal static class ClusterRows
{
    private const int ShardColumn = 12;

    public static async Task<ClusterView> ReadAsync(NpgsqlConnection connection)
    {
        await using var command = connection.Command(SqlTexts.ReadCluster, (long)Membership.Magic, (long)Schema.Magic);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await ReadAsync(reader).ConfigureAwait(false);
    }

    public static async Task<ClusterView> ReadAsync(NpgsqlDataReader row)
    {
        var (members, shards) = (new List<Member>(), new List<ShardOwner>());
        while (await row.ReadAsync().ConfigureAwait(false))
        {
            if (row.IsDBNull(ShardColumn))
                members.Add(ReadMember(row));
            else
                shards.Add(new ShardOwner(row.GetInt32(ShardColumn), row.GetInt64(13), row.GetString(14), row.GetBoolean(15), row.TimeOrNull(16)));
        }
        return new ClusterView(members, shards);
    }

    private static Member ReadMember(NpgsqlDataReader row) => new(
        new MemberBeat(
            row.GetString(0), row.GetGuid(1), row.GetFieldValue<string[]>(2), row.GetInt32(3), row.GetString(4), row.GetString(5),
            row.GetString(6) switch { "down" => MemberState.Down, "leaving" => MemberState.Leaving, _ => MemberState.Up },
            row.GetFieldValue<int[]>(7), row.IsDBNull(8) ? null : row.GetInt64(8)),
        row.GetBoolean(9), row.Time(10), TimeSpan.FromSeconds(Math.Max(0, row.GetDouble(11))));
}
