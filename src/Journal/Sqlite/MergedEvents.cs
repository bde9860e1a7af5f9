using FtpActors.Protocol;

namespace FtpActors.Journal.Sqlite;

/// <summary>
/// The events of one spool in the order of seq, merged from its shards (the table is ordered by shard first). Reads lazily: memory is one row per shard.
/// </summary>
internal sealed class MergedEvents : IDisposable
{
    private readonly List<Statement> _shards = [];
    private readonly PriorityQueue<Statement, long> _next = new();
    private readonly int _sign;

    /// <param name="database">A connection inside a read transaction.</param>
    /// <param name="text">Text of <c>query_events</c> or <c>query_events_backwards</c>.</param>
    /// <param name="backwards">Whether that text goes from the last to the first.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="spool">Number of the spool.</param>
    /// <param name="after">Only seqs above.</param>
    /// <param name="query">The filters.</param>
    public MergedEvents(Database database, string text, bool backwards, int shards, long spool, long after, EventQuery query)
    {
        _sign = backwards ? -1 : 1;
        for (var shard = 0; shard < shards; shard++)
        {
            var rows = database.Prepare(text);
            _shards.Add(rows);
            rows.Bind(1, shard).Bind(2, spool).Bind(3, after)
                .Bind(4, query.Since is { } since ? Times.ToMicroseconds(since) : null)
                .Bind(5, query.Until is { } until ? Times.ToMicroseconds(until) : null)
                .Bind(6, query.Kind is { } kind ? Names.Of(kind) : null)
                .Bind(7, GlobPattern.From(query.User))
                .Bind(8, GlobPattern.From(query.Path));
            Advance(rows);
        }
    }

    /// <summary>The next row, or null at the end. An event that stands in every shard (a restart) comes once.</summary>
    public Statement? Next()
    {
        if (Current is { } last)
        {
            var seq = last.Integer(0);
            while (_next.TryPeek(out var same, out _) && same.Integer(0) == seq)
                Advance(_next.Dequeue());
        }
        Current = _next.TryPeek(out var first, out _) ? first : null;
        return Current;
    }

    public void Dispose()
    {
        foreach (var rows in _shards)
            rows.Dispose();
    }

    private Statement? Current { get; set; }

    private void Advance(Statement rows)
    {
        if (rows.Step())
            _next.Enqueue(rows, _sign * rows.Integer(0));
    }
}
