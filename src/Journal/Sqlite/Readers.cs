using System.Collections.Concurrent;

namespace FtpActors.Journal.Sqlite;

/// <summary>Read-only connections. Each read sees the file as of its own start and never makes the writer wait.</summary>
internal sealed class Readers(string file, int most) : IAsyncDisposable
{
    private readonly SemaphoreSlim _free = new(most);
    // At most as many as the semaphore lets be in use.
    private readonly ConcurrentBag<Database> _idle = [];

    /// <summary>Runs a read off the caller's thread, inside one snapshot.</summary>
    public async Task<T> ReadAsync<T>(Func<Database, T> read, CancellationToken cancel = default)
    {
        await _free.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(read), cancel).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Waits for the reads that run (a page each), then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < most; i++)
            await _free.WaitAsync().ConfigureAwait(false);
        while (_idle.TryTake(out var database))
            database.Dispose();
        _free.Dispose();
    }

    private T Read<T>(Func<Database, T> read)
    {
        Database? database = null;
        try
        {
            if (!_idle.TryTake(out database))
                database = Open();
            database.Execute("BEGIN");
            var answer = read(database);
            database.Execute("COMMIT");
            _idle.Add(database);
            return answer;
        }
        catch (Exception e)
        {
            // A connection that failed is not used again: its statements may stand anywhere.
            database?.Dispose();
            if (e is SqliteFailure failure)
                throw failure.ForCaller(file);
            throw;
        }
    }

    private Database Open()
    {
        var database = Database.Open(file, readOnly: true);
        database.Execute("PRAGMA cache_size = -8192; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF");
        return database;
    }
}
