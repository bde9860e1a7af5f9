using FtpActors.Actors.Handlers;
using FtpActors.Actors.Stored;
using FtpActors.Tests.Shared;
using Npgsql;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>The handlers' journal as it stands in the database: what is asserted comes from the rows, not from what nodes say of themselves.</summary>
internal sealed class StoredJournal(PostgresServer server, string database)
{
    /// <summary>Every event that is in any row.</summary>
    public async Task<List<(string Spool, long Seq)>> ReadEventsAsync()
    {
        var serializer = new HandlerSerializer(null!);
        var events = new List<(string, long)>();
        await using var connection = new NpgsqlConnection(server.OwnConnection(database));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT manifest, message FROM journal WHERE persistence_id LIKE 'handler-%' ORDER BY persistence_id, sequence_number", connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            if (serializer.FromBinary((byte[])reader.GetValue(1), reader.GetString(0)) is EventsTaken taken)
                events.AddRange(taken.Parts.SelectMany(p => p.Events.Select(e => (p.Spool, e.Seq))));
        }
        return events;
    }

    /// <summary>Asserts that no event is in it twice, and that there are as many as were sent.</summary>
    public async Task RequireOnceAsync(long events)
    {
        var stored = await ReadEventsAsync();
        Assert.Equal(events, stored.Distinct().LongCount());
        Assert.Equal(events, stored.Count);
    }

    /// <summary>How often a handler's next row was written by another incarnation of a node than the one before it.</summary>
    public Task<long> HandOversAsync() => server.ReadAsync<long>(
        """
        SELECT count(*) FROM (
            SELECT writer_uuid, lag(writer_uuid) OVER (PARTITION BY persistence_id ORDER BY sequence_number) AS before FROM journal WHERE persistence_id LIKE 'handler-%') w
        WHERE writer_uuid <> before
        """, database);
}
