using LinqToDB;
using LinqToDB.Data;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.History.Tables;

/// <summary>Reads on threads of the pool, a few at once, each on a connection of its own that is held only as long as one read.</summary>
internal sealed class Readers(DataOptions options, HistoryDamage damage) : IDisposable
{
    private const int AtOnce = 4;

    // SQLite's result codes (sqlite3.h) of a file that is damaged or none of its own, and of tables that are not what they were.
    private const int Error = 1;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private readonly SemaphoreSlim _free = new(AtOnce);

    public async Task<T> ReadAsync<T>(Func<DataConnection, T> read, CancellationToken cancel)
    {
        await _free.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // SQLite knows no asynchronous read: it would hold up the caller.
            return await Task.Run(() =>
            {
                using var connection = new DataConnection(options);
                try
                {
                    return read(connection);
                }
                catch (Exception e) when (IsDamage(e))
                {
                    throw damage.Refuse(e);
                }
            }, cancel).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Whether a read failed by what is stored: the file, or a value that is none of its column's type.</summary>
    public static bool IsDamage(Exception e) => e is SqliteException { SqliteErrorCode: Error or Corrupt or NotADatabase }
        or LinqToDBException or FormatException or OverflowException or InvalidCastException or InvalidDataException;

    public void Dispose() => _free.Dispose();
}
