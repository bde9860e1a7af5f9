using System.Collections.Concurrent;
using System.Diagnostics;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History;

namespace FtpActors.Node.Bench;

/// <summary>When rows of the handlers' journals are seen in the history's index. A handler tells of its rows of events in their order, and the index has an entry for each.</summary>
internal sealed class VisibleRows
{
    private readonly BenchEngine _engine;
    private readonly ConcurrentQueue<(long At, int Events)>[] _stored;
    private readonly long[] _rows;
    private readonly List<long> _times = [];

    public VisibleRows(BenchEngine engine, int handlers)
    {
        (_engine, _rows) = (engine, new long[handlers]);
        _stored = [.. Enumerable.Range(0, handlers).Select(_ => new ConcurrentQueue<(long, int)>())];
        engine.On<EventsStored>(stored => _stored[stored.Handler].Enqueue((Stopwatch.GetTimestamp(), stored.Events.Parts.Sum(p => p.Events.Count))));
    }

    /// <summary>Events seen so far.</summary>
    public int Seen => _times.Count;

    /// <summary>Of each event, in Stopwatch ticks, in the order in which they were seen.</summary>
    public IReadOnlyList<long> Times => _times;

    /// <summary>Looks for new rows.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        for (var handler = 0; handler < _rows.Length; handler++)
        {
            await foreach (var row in _engine.Engine.History.ReadIndexAsync(new IndexQuery { Handler = handler, AfterRow = _rows[handler] }, cancel))
            {
                _rows[handler] = row.Row;
                // The handler tells on another thread, perhaps a moment later than the history has it.
                (long At, int Events) stored;
                while (!_stored[handler].TryDequeue(out stored))
                    await Task.Delay(1, cancel);
                _times.AddRange(Enumerable.Repeat(Stopwatch.GetTimestamp() - stored.At, stored.Events));
            }
        }
    }
}
