using System.Text.Json;
using FtpActors.Protocol;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>An event's row: seq, received_at, kind, payload.</summary>
internal static class EventRow
{
    public static StoredEvent Read(NpgsqlDataReader row, string spool)
    {
        // A word that is not known was written by a newer node.
        if (!Names.TryKind(row.GetString(2), out var kind))
            kind = EventKind.Other;
        try
        {
            return new StoredEvent(spool, row.GetInt64(0), EventJson.ReadPayload(row.GetFieldValue<byte[]>(3), row.Time(1), kind));
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new JournalUnusableException($"Event {spool}-{row.GetInt64(0)} of the journal has a payload that is not an event: {e.Message}", e);
        }
    }
}
