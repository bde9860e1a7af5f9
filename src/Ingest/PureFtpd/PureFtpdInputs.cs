using FtpActors.Ingest.Linux;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// The inputs of one server, read step by step into one stream. The order of a step is its point: the scoreboard before the pipe and the pipe before the log, so
/// that the record and the line of a transfer whose end the scoreboard shows are there. Belongs to one thread.
/// </summary>
internal sealed unsafe class PureFtpdInputs : IDisposable
{
    /// <summary>How long a stop may have to wait.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>The rest of a transfer's end follows its record within microseconds.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    private readonly PureFtpdOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<SourceBatch> _store;
    private readonly SessionTracker _tracker;
    private readonly PipeInput? _pipe;
    private readonly ScoreboardInput? _scoreboard;
    private readonly AltlogInput? _altlog;
    private DateTimeOffset _dueAt = DateTimeOffset.MinValue;
    private bool _isWoken;
    private bool _hasBytes;
    private ScoreboardReading? _reading;
    private byte[] _stored;

    /// <param name="options">The source.</param>
    /// <param name="state">Where the one before it stood.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">What the source says of itself.</param>
    /// <param name="store">Returns when a batch is durable.</param>
    public PureFtpdInputs(PureFtpdOptions options, PureFtpdState state, TimeProvider time, SourceReport report, Action<SourceBatch> store)
    {
        (_options, _time, _store, _stored) = (options, time, store, state.Encode());
        _tracker = new SessionTracker(
            new TrackerOptions
            {
                Host = options.Host, Source = options.Name, HasPipe = options.Pipe is not null, HasScoreboard = options.Scoreboard is not null, HasAltlog = options.Altlog is not null, Hold = 2 * options.Poll,
                Progress = options.Progress, TrustEnd = options.TrustEnd,
            },
            state.Memory);
        if (options.Altlog is { } log)
            _altlog = new AltlogInput(log, state.Altlog);
        if (options.Scoreboard is { } folder)
            _scoreboard = new ScoreboardInput(folder, report);
        if (options.Pipe is not null)
            _pipe = new PipeInput(options, time, report, state.Fifo is { } fifo ? FifoState.Decode(fifo) : null, (bytes, pieces, _) => Process(bytes, pieces));
    }

    /// <summary>Why an input cannot be read now; null when all can.</summary>
    public string? Trouble => _pipe?.Trouble ?? _scoreboard?.Trouble ?? _altlog?.Trouble;

    /// <summary>Reads what there is and makes it durable.</summary>
    public void Step()
    {
        var isDue = _time.GetUtcNow() >= _dueAt;
        _pipe?.Check();
        if (!isDue && !_isWoken)
            return;
        var reading = _reading = _scoreboard?.Read();
        // The lines of what waits are read first: the log of a long night may be behind the pipe.
        var isFull = _altlog?.HasMore == true && _tracker.IsFull;
        if (isFull || _pipe?.Take() != true)
        {
            Process([], []);
            // Part of a record: its writer waits for nothing but the rest of its own call, or it is damage that waits for the next record.
            if (_hasBytes)
                TimeCalls.Nap(TimeSpan.FromMilliseconds(1));
        }
        var now = _time.GetUtcNow();
        var isLoginNear = _tracker.IsLoginNear || reading is { HasUnfilled: true };
        var wait = _altlog?.HasMore == true ? TimeSpan.Zero : isLoginNear && _options.PollLogin < _options.Poll ? _options.PollLogin : _options.Poll;
        _dueAt = now + (_tracker.IsWaiting && Soon < wait ? Soon : wait);
    }

    /// <summary>Waits until there may be something.</summary>
    public void Wait()
    {
        var left = _dueAt - _time.GetUtcNow();
        var wait = left < Look ? left : Look;
        // poll(2) leaves negative numbers out.
        var files = stackalloc PipeCalls.PollFd[2];
        files[0] = new PipeCalls.PollFd { File = _pipe?.File ?? -1, Wanted = PipeCalls.POLLIN };
        files[1] = new PipeCalls.PollFd { File = _scoreboard?.File ?? -1, Wanted = PipeCalls.POLLIN };
        // A signal ends the wait early, which is taken as "nothing yet".
        _isWoken = PipeCalls.poll(files, 2, wait > TimeSpan.Zero ? (int)Math.Ceiling(wait.TotalMilliseconds) : 0) > 0;
        _hasBytes = files[0].Got != 0;
    }

    public void Dispose()
    {
        _pipe?.Dispose();
        _scoreboard?.Dispose();
        _altlog?.Dispose();
    }

    private void Process(ReadOnlySpan<byte> bytes, IReadOnlyList<UploadPipePiece> pieces)
    {
        var now = _time.GetUtcNow();
        var quarantined = new List<QuarantinedMessage>();
        var records = Records(bytes, pieces, now, quarantined);
        var lines = Lines(now, quarantined);
        // A reading counts once: an upload after it must not be judged by it again.
        var reading = _reading;
        _reading = null;
        var events = _tracker.Step(new TrackerInput(now) { Reading = reading, Records = records, Lines = lines, IsLogBehind = _altlog?.HasMore == true });
        var state = new PureFtpdState { Fifo = _pipe?.State?.Encode(), Altlog = _altlog?.Places, Memory = _tracker.Memory }.Encode();
        if (events.Count == 0 && quarantined.Count == 0 && state.AsSpan().SequenceEqual(_stored))
            return;
        _store(new SourceBatch(_options.Name, events, quarantined, state));
        _stored = state;
    }

    private List<UploadNotice> Records(ReadOnlySpan<byte> bytes, IReadOnlyList<UploadPipePiece> pieces, DateTimeOffset now, List<QuarantinedMessage> quarantined)
    {
        var records = new List<UploadNotice>(pieces.Count);
        var at = 0;
        foreach (var piece in pieces)
        {
            if (piece.Record is { } record)
                records.Add(new UploadNotice(record, now, UploadFacts.Of(record.Path, out var size), size));
            else
                quarantined.Add(new QuarantinedMessage(now, _options.Name, _options.Pipe, piece.Reason!, bytes.Slice(at, piece.Length).ToArray()));
            at += piece.Length;
        }
        return records;
    }

    private List<LineNotice> Lines(DateTimeOffset now, List<QuarantinedMessage> quarantined)
    {
        var lines = new List<LineNotice>();
        foreach (var bytes in _altlog?.Read() ?? [])
        {
            if (AltlogLine.TryDecode(bytes, out var line, out var reason))
            {
                UploadFacts.Of(line.Path, out var size);
                lines.Add(new LineNotice(line, now, size));
            }
            else
            {
                quarantined.Add(new QuarantinedMessage(now, _options.Name, _options.Altlog, reason, bytes));
            }
        }
        return lines;
    }
}
