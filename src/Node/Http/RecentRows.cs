using FtpActors.Actors.Reading;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Http;

/// <summary>
/// The last rows of each handler's journal, read once for all who follow them: a thousand followers cost as many reads as one. Who is further behind reads the journal alone. Safe
/// from any thread.
/// </summary>
internal sealed class RecentRows(FtpNode node) : IDisposable
{
    // A row has some hundred events at most.
    private const int Kept = 64;

    private readonly Tail[] _tails = [.. Enumerable.Range(0, node.Configuration.Journal.Shards).Select(_ => new Tail())];

    /// <summary>The first row of a handler after another one; null when there is none yet.</summary>
    /// <param name="handler">Number of the handler.</param>
    /// <param name="after">The row before.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<JournalRow?> NextAsync(int handler, long after, CancellationToken cancel)
    {
        var tail = _tails[handler];
        await tail.Reading.WaitAsync(cancel);
        try
        {
            if (tail.Begin is null)
                tail.Begin = tail.End = after;
            if (after >= tail.End && tail.Rings != node.Fresh.Rings)
                await ReadOnAsync(handler, tail, cancel);
            if (after >= tail.Begin)
                return tail.Rows.Find(row => row.Row > after);
        }
        finally
        {
            tail.Reading.Release();
        }
        await foreach (var row in node.Engine.Journals.ReadAsync(handler, after, long.MaxValue, cancel))
            return row;
        return null;
    }

    public void Dispose()
    {
        foreach (var tail in _tails)
            tail.Reading.Dispose();
    }

    private async Task ReadOnAsync(int handler, Tail tail, CancellationToken cancel)
    {
        // Counted before the read: what becomes durable during it rings again.
        var rings = node.Fresh.Rings;
        await foreach (var row in node.Engine.Journals.ReadAsync(handler, tail.End!.Value, long.MaxValue, cancel))
        {
            tail.Rows.Add(row);
            tail.End = row.Row;
            if (tail.Rows.Count > Kept)
            {
                tail.Begin = tail.Rows[0].Row;
                tail.Rows.RemoveAt(0);
            }
        }
        tail.Rings = rings;
    }

    private sealed class Tail
    {
        public SemaphoreSlim Reading { get; } = new(1);

        /// <summary>What follows this row is here.</summary>
        public long? Begin { get; set; }

        /// <summary>The last row that was read.</summary>
        public long? End { get; set; }

        public List<JournalRow> Rows { get; } = [];

        /// <summary>How often the bell had rung before the last read.</summary>
        public long Rings { get; set; } = -1;
    }
}
