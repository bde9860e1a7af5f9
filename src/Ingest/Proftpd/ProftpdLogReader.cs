using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Ingest.Streams;

namespace FtpActors.Ingest.Proftpd;

/// <summary>One life of a log's reader: opens FIFO or file and reads until the stop or trouble. Belongs to one thread.</summary>
internal sealed unsafe class ProftpdLogReader : IDisposable
{
    /// <summary>How long a stop may have to wait.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly ProftpdLogOptions _options;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly Feed<SourceBatch> _feed;
    private readonly ProftpdLines _lines;
    private readonly LogFifo? _fifo;
    private readonly AltlogInput? _log;
    private FifoState? _fifoState;

    public ProftpdLogReader(ProftpdLogOptions options, ProftpdLogState state, TimeProvider time, SourceReport report, Feed<SourceBatch> feed)
    {
        (_options, _time, _report, _feed, _lines) = (options, time, report, feed, new ProftpdLines(options, state.Held));
        _fifoState = state.Fifo is { } fifo ? FifoState.Decode(fifo) : null;
        if (options.File is { } file)
            _log = new AltlogInput(file, state.Log, "log");
        else
            _fifo = new LogFifo(options, _fifoState, report, StoreTaken);
    }

    /// <summary>Reads until the stop.</summary>
    public void Read()
    {
        while (_feed.WaitUntilWanted())
        {
            if (_fifo is not null)
                StepFifo(_fifo);
            else
                StepFile(_log!);
            Wait();
        }
    }

    public void Dispose()
    {
        _fifo?.Dispose();
        _log?.Dispose();
    }

    private void StepFifo(LogFifo fifo)
    {
        if (!fifo.Take() && _lines.DueAt <= _time.GetUtcNow())
            Store([]);
        _report.Warn("steal", fifo.Steals > 0 ? $"Another reader takes from the FIFO {_options.Fifo}: what it takes does not reach this node. Stop it." : null);
        _report.Reading();
    }

    private void StepFile(AltlogInput log)
    {
        var lines = log.Read();
        if (lines.Count > 0 || _lines.DueAt <= _time.GetUtcNow())
            Store(lines);
        if (log.Trouble is { } trouble)
            _report.Waiting(trouble);
        else
            _report.Reading();
    }

    private void StoreTaken(IReadOnlyList<byte[]> lines, FifoState state)
    {
        _fifoState = state;
        Store(lines);
    }

    private void Store(IReadOnlyList<byte[]> lines)
    {
        var batch = _lines.Take(lines, _time.GetUtcNow());
        _feed.Store(batch with { SourceState = new ProftpdLogState { Fifo = _fifoState?.Encode(), Log = _log?.Places, Held = _lines.Held }.Encode() });
    }

    private void Wait()
    {
        var longest = _fifo is null && _options.Poll < Look ? _options.Poll : Look;
        var left = _log?.HasMore == true ? TimeSpan.Zero : _lines.DueAt - _time.GetUtcNow() is { } due && due < longest ? due : longest;
        var files = stackalloc PipeCalls.PollFd[1];
        files[0] = new PipeCalls.PollFd { File = _fifo?.File ?? -1, Wanted = PipeCalls.POLLIN };
        // A signal ends the wait early, which is taken as "nothing yet".
        _ = PipeCalls.poll(files, 1, left > TimeSpan.Zero ? (int)Math.Ceiling(left.TotalMilliseconds) : 0);
    }
}
