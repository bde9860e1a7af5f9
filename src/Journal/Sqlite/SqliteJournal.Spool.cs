namespace FtpActors.Journal.Sqlite;

// What a forwarder does with a file that is nothing but a spool: it asks what is there, and drops what has arrived elsewhere.
public sealed partial class SqliteJournal
{
    // Some milliseconds at most: appends that come meanwhile share the transaction.
    private const int DroppedAtOnce = 500;

    /// <summary>What the file still has of its own spool.</summary>
    /// <exception cref="JournalException">The file cannot be read.</exception>
    public Task<SpoolExtent> ReadExtentAsync() => _readers.ReadAsync(database =>
    {
        var last = ReadSpools(database).Single(s => s.Id == SpoolId).Last;
        var row = database[Sql.ReadFirstSpooled];
        var extent = row.Step() ? new SpoolExtent(row.Integer(0), last, Times.FromMicroseconds(row.Integer(1))) : new SpoolExtent(last + 1, last, null);
        row.Reset();
        return extent;
    });

    /// <summary>
    /// Drops events of the file's own spool from its beginning on, in small transactions between the appends. Seqs go on, source states and
    /// quarantine stay, and the pages that become free are used again.
    /// </summary>
    /// <param name="upTo">Last seq that may go.</param>
    /// <param name="cancel">Ends it between two transactions.</param>
    /// <returns>How many are gone.</returns>
    /// <exception cref="InvalidOperationException">The file has more than one shard: it is a journal, not only a spool.</exception>
    /// <exception cref="JournalException">Nothing more could be written.</exception>
    public async Task<long> DropAsync(long upTo, CancellationToken cancel = default)
    {
        if (Shards != 1)
            throw new InvalidOperationException("Events are dropped from a spool (one shard), never from a journal.");
        var all = 0L;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var dropped = await _writer.WriteAsync(new DropSpooled(upTo, DroppedAtOnce)).ConfigureAwait(false);
            all += dropped;
            if (dropped < DroppedAtOnce)
                return all;
        }
    }
}

/// <summary>What a spool still has.</summary>
/// <param name="First">Seq of the first event that is there; <paramref name="Last"/> + 1 when none is.</param>
/// <param name="Last">Seq of the last event it was ever given; 0 when none.</param>
/// <param name="Oldest">When the first one was received; null when none is there.</param>
public sealed record SpoolExtent(long First, long Last, DateTimeOffset? Oldest);
