using System.Buffers;
using System.Diagnostics;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;
using SQLitePCL;

namespace FtpActors.Node.Bench;

/// <summary>
/// The physical limit of the journal: the same event rows into the same table with the same pragmas, prepared beforehand, by one thread that
/// does nothing else, 1,000 rows to a transaction.
/// </summary>
internal static class RawInserts
{
    private const int RowsPerTransaction = 1000;

    /// <summary>Rows per second.</summary>
    public static async Task<double> RunAsync(string folder, IReadOnlyList<FtpEvent> events)
    {
        // The journal itself makes the file, so that page size, log and table are the same.
        await using (await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = folder, Shards = 16, Host = "bench" }))
        {
        }

        var rows = events.Select((e, i) => (Shard: SessionKey.Of(e).Shard(16), Seq: i + 1L, Kind: Names.Of(e.Kind), Payload: Payload(e))).ToList();
        Check(raw.sqlite3_open_v2(Path.Combine(folder, "journal.db"), out var db, raw.SQLITE_OPEN_READWRITE, null));
        using var connection = db;
        Check(raw.sqlite3_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
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
