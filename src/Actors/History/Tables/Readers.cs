using LinqToDB;
using LinqToDB.Data;

namespace FtpActors.Actors.History.Tables;

/// <summary>Reads on threads of the pool, a few at once, each on a connection of its own that is held only as long as one read.</summary>
internal sealed class Readers(DataOptions options) : IDisposable
{
    private const int AtOnce = 4;

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
                return read(connection);
            }, cancel).ConfigureAwait(false);
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
