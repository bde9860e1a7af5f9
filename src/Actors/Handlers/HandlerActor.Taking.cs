using System.Collections.Immutable;
using Akka.Actor;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Sessions;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Handlers;

/// <summary>The way of an event through a handler: buffer, journal, sessions, plan, history.</summary>
internal sealed partial class HandlerActor
{
    // Rows between the journal and the history. It bounds what a flood keeps in memory, and how long an event waits behind others.
    private const int MostRowsAtWork = 64;
    private const int MostEventsAtWork = 16_384;

    // For each event of the row before: so long does it take itself.
    private static readonly TimeSpan FloodGather = TimeSpan.FromMicroseconds(20);

    private static readonly Dictionary<string, IReadOnlyList<SessionFile>> NoFiles = [];

    private readonly TakeBuffer _taking = new();
    private readonly Dictionary<string, long> _writingEnds = new(StringComparer.Ordinal);
    private readonly List<(IActorRef To, EventsStand Answer)> _answers = [];
    private IReadOnlyDictionary<string, IReadOnlyList<SessionFile>>? _files;
    private bool _isWriting;
    private bool _isGathering;
    private DateTimeOffset _writtenAt;
    private int _writtenEvents;
    private bool _isReadingFiles;
    private Action? _look;

    private bool IsFull => _outbox.Unwritten >= MostRowsAtWork || _pending.Count >= MostRowsAtWork || _pending.Events >= MostEventsAtWork;

    private void Take(TakeEvents take)
    {
        var end = _taking.EndOf(take.Spool) ?? _state.SeqOf(take.Spool);
        if (_isWriting && _writingEnds.TryGetValue(take.Spool, out var writing) && writing > end)
            end = writing;
        if (take.Events.Count == 0)
        {
            // A horizon is worth a row only when something hangs on it.
            if (take.Previous == end && take.Horizon is { } horizon && _taking.IsEmpty && !_isWriting && _state.WouldMove(take.Spool, take.Host, horizon))
                Add(take);
            return;
        }
        if (take.Events[^1].Seq <= _state.SeqOf(take.Spool))
        {
            // Shipped again: it stands in the journal.
            Sender.Tell(new EventsStand(_handler, take.Spool, take.Events[^1].Seq));
            return;
        }
        if (take.Previous == end)
            Add(take);
        else
            Sender.Tell(new EventsStand(_handler, take.Spool, _state.SeqOf(take.Spool), IsRefusal: true));
    }

    private void Add(TakeEvents take)
    {
        _taking.Add(take, Sender);
        WriteIfDue(isGathered: false);
    }

    private void WriteIfDue(bool isGathered)
    {
        if (_isWriting || _taking.IsEmpty || IsFull || _wantsSnapshot)
            return;
        // What comes alone does not wait; in a flood rows grow, because a write costs as much as some hundred events.
        var wait = _writtenAt + _context.Options.Gather + (_writtenEvents * FloodGather) - Context.System.Scheduler.Now;
        if (isGathered || wait <= TimeSpan.Zero || _taking.Events >= _context.Options.GatherEvents)
            Write();
        else
            Gather(wait);
    }

    // Not by the scheduler of actors, whose ticks are five times as long as the wait.
    private void Gather(TimeSpan wait)
    {
        if (_isGathering)
            return;
        _isGathering = true;
        Task.Delay(wait).PipeTo(Self, success: () => WriteRow.Instance);
    }

    private void Write()
    {
        _isWriting = true;
        _answers.Clear();
        _writingEnds.Clear();
        var taken = new EventsTaken(_state.PlannedUpTo, _taking.Next(_context.Options.StepEvents, _answers));
        foreach (var part in taken.Parts)
        {
            if (part.Events.Count > 0)
                _writingEnds[part.Spool] = part.Events[^1].Seq;
        }
        PersistAsync(taken, Taken);
    }

    private void Taken(EventsTaken taken)
    {
        _isWriting = false;
        _writtenAt = Context.System.Scheduler.Now;
        _row++;
        foreach (var (to, answer) in _answers)
            to.Tell(answer);
        Context.System.EventStream.Publish(new EventsStored(_handler, taken));
        var work = _state.Apply(_row, taken);
        _outbox.Expect(_row, taken);
        _sessions.Tell(work, AwaitsEnds);
        _pending.Add(new PendingRow(work, taken));
        _writtenEvents = taken.Parts.Sum(p => p.Events.Count);
        _eventsSinceSnapshot += _writtenEvents;
        Finish();
        WriteIfDue(isGathered: false);
    }

    // Rows whose sessions have all answered go on, in their order.
    private void Finish()
    {
        while (!_isReadingFiles && _pending.Done is { } row)
        {
            if (!Plan(row))
                return;
            _pending.Remove();
            Context.System.EventStream.Publish(new EventsApplied(_handler, row.Taken));
            foreach (var outcome in row.Outcomes.Values)
                _sessions.Told(outcome);
        }
        Calm();
    }

    /// <returns>False when files have to be read first.</returns>
    private bool Plan(PendingRow row)
    {
        var rules = _context.Book.Rules;
        if (_files is null && Planner.MissingFiles(rules, row.Work, row.Outcomes).ToList() is { Count: > 0 } missing)
        {
            // The rows before this one must be in the history; the next answer of it comes here again.
            if (_outbox.Unwritten == 0)
            {
                _isReadingFiles = true;
                ReadFilesAsync(missing, row.Work.Applied).PipeTo(Self, success: files => new FilesRead(files), failure: e => new FilesNotRead(e));
            }
            return false;
        }
        var owed = Planner.Plan(rules, row.Work, row.Outcomes, _files ?? NoFiles);
        _files = null;
        // The history has a row only when what that owes is in the journal: so a recovery knows which rows are still to be planned.
        var item = HistoryItems.Of(_handler, row.Work, row.Taken, row.Outcomes.Values);
        if (owed.Count > 0)
        {
            Store(new DeliveriesPlanned(row.Work.Row, _context.Time.GetUtcNow(), owed), () => _outbox.Add(item));
            return true;
        }
        _state.NotePlanned(row.Work.Row);
        _outbox.Add(item);
        return true;
    }

    private async Task<IReadOnlyDictionary<string, IReadOnlyList<SessionFile>>> ReadFilesAsync(IReadOnlyList<string> sessions, IReadOnlyList<AppliedEvent> row)
    {
        var read = new Dictionary<string, IReadOnlyList<SessionFile>>(StringComparer.Ordinal);
        foreach (var id in sessions)
        {
            var files = ImmutableList.CreateRange(await _context.History.ReadFilesAsync(id, Session.MostFiles).ConfigureAwait(false));
            foreach (var applied in row.Where(a => a.Session == id))
                files = SessionFile.Add(files, applied.Stored.Event);
            read.Add(id, files);
        }
        return read;
    }

    private sealed record WriteRow : INoSerializationVerificationNeeded
    {
        public static WriteRow Instance { get; } = new();
    }

    private sealed record FilesNotRead(Exception Reason) : INoSerializationVerificationNeeded;

    private sealed record FilesRead(IReadOnlyDictionary<string, IReadOnlyList<SessionFile>> Files) : INoSerializationVerificationNeeded;
}
