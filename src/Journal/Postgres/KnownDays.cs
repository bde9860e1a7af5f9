using System.Collections.Concurrent;

namespace FtpActors.Journal.Postgres;

/// <summary>Days that have a partition, as far as this process has seen; as many as there are days in its events.</summary>
internal sealed class KnownDays(Server server)
{
    private readonly ConcurrentDictionary<DateOnly, bool> _known = [];

    /// <summary>Makes the partitions that are missing. A transaction each, so that an append never holds the lock of partitions.</summary>
    public async Task MakeAsync(IEnumerable<DateOnly> days)
    {
        foreach (var day in days.Where(d => !_known.ContainsKey(d)))
        {
            await server.ReadAsync(connection => connection.ReadOneAsync<object>(SqlTexts.MakeDay, day)).ConfigureAwait(false);
            _known[day] = true;
        }
    }

    public void Forget() => _known.Clear();
}
