using System.Buffers;
using System.Diagnostics;
using FtpActors.Protocol;
using SQLitePCL;

namespace FtpActors.Node.Bench;

/// <summary>
/// The physical limit: a row for each event, prepared beforehand, by one thread that does nothing else, 1,000 rows to a transaction, durable as the
/// journal is.
/// </summary>
internal static class RawInserts
{
    private const int RowsPerTransaction = 1000;

    // A row for each event, as a journal would keep it that is not made of batches.
    private const string Schema =
        """
        PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
        CREATE TABLE event (
            shard INTEGER NOT NULL, spool INTEGER NOT NULL, seq INTEGER NOT NULL, received_at INTEGER NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL,
            PRIMARY KEY (shard, spool, seq)) WITHOUT ROWID;
        """;

    /// <summary>Rows per second.</summary>
    public static double Run(string folder, IReadOnlyList<FtpEvent> events)
    {
        Batteries_V2.Init();
        var rows = events.Select((e, i) => (Shard: SessionKey.Of(e).Shard(16), Seq: i + 1L, Kind: Names.Of(e.Kind), Payload: Payload(e))).ToList();
        Check(raw.sqlite3_open_v2(Path.Combine(folder, "bare.db"), out var db, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE, null));
        using var connection = db;
        Check(raw.sqlite3_exec(db, Schema));
        Check(raw.sqlite3_prepare_v2(db, "INSERT INTO event (shard, spool, seq, received_at, kind, payload) VALUES (?1, 1, ?2, ?3, ?4, ?5)", out var insert));
        using var statement = insert;

        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < rows.Count; i += RowsPerTransaction)
        {
            Check(raw.sqlite3_exec(db, "BEGIN IMMEDIATE"));
            foreach (var row in rows.Skip(i).Take(RowsPerTransaction))
            {
                Check(raw.sqlite3_bind_int(insert, 1, row.Shard));
                Check(raw.sqlite3_bind_int64(insert, 2, row.Seq));
                Check(raw.sqlite3_bind_int64(insert, 3, row.Seq));
                Check(raw.sqlite3_bind_text(insert, 4, row.Kind));
                Check(raw.sqlite3_bind_text(insert, 5, row.Payload.AsSpan()));
                if (raw.sqlite3_step(insert) != raw.SQLITE_DONE)
                    throw new InvalidOperationException(raw.sqlite3_errmsg(db).utf8_to_string());
                Check(raw.sqlite3_reset(insert));
            }
            Check(raw.sqlite3_exec(db, "COMMIT"));
        }
        return rows.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static byte[] Payload(FtpEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = EventJson.NewWriter(buffer);
        EventJson.WritePayload(json, e);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new InvalidOperationException($"SQLite result {result}.");
    }
}
