using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// The upload pipe, opened again when it is in trouble, so that the other inputs go on. Held open as long as the source runs: no upload waits for us or loses its
/// record. Belongs to one thread.
/// </summary>
internal sealed class PipeInput(PureFtpdOptions options, TimeProvider time, SourceReport report, FifoState? state, StorePieces store) : IDisposable
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(1);

    private UploadFifo? _fifo;
    private FifoWitness? _witness;
    private UploadTake? _take;
    private DateTimeOffset _checkAt = DateTimeOffset.MinValue;

    /// <summary>Why it cannot be read now, null when it can.</summary>
    public string? Trouble { get; private set; }

    /// <summary>What is to be stored of it.</summary>
    public FifoState? State { get; private set; } = state;

    /// <summary>To poll; null while it is not open.</summary>
    public int? File => _fifo?.File;

    /// <summary>Opens it when that is due, and sees whether the server's next start will use another.</summary>
    public void Check()
    {
        var now = time.GetUtcNow();
        if (now < _checkAt)
            return;
        _checkAt = now + CheckEvery;
        Guard(() =>
        {
            if (_fifo is not null && FileIdentity.At(options.Pipe!) != _fifo.Identity)
                throw new UploadFifoException($"Another file stands at {options.Pipe} now; it is opened anew. Restart Pure-FTPd, which writes to the old pipe.");
            if (_fifo is null)
                Open();
        });
    }

    /// <summary>Takes all whole records; false when there is none.</summary>
    public bool Take()
    {
        var taken = false;
        Guard(() => taken = _take?.Take() == true);
        if (_take?.Steals > 0)
            report.Warn("steal", $"Another reader takes from the upload pipe {options.Pipe}: what it takes does not reach this node. Stop it (pure-uploadscript?).");
        return taken;
    }

    public void Dispose() => Close();

    private void Open()
    {
        _fifo = UploadFifo.Open(options.Pipe!, options.Owner, options.PipeBytes);
        report.Warn("size", _fifo.Bytes < options.PipeBytes
            ? $"The upload pipe holds {_fifo.Bytes} bytes, {options.PipeBytes} were wanted: a long stall of the disk makes finished uploads hang. "
                + $"Set sysctl fs.pipe-max-size={options.PipeBytes}, or run this program as root."
            : null);
        _witness = FifoWitness.Open(options.WitnessPath, _fifo.Bytes);
        _take = new UploadTake(
            _fifo, _witness, State, TakingState.DigestOf(System.IO.File.ReadAllText(BootId) + _fifo.Identity), UploadPipe.TryRead,
            (bytes, pieces, next) =>
            {
                // Before it is stored: it is part of what is stored.
                State = next;
                store(bytes, pieces, next);
            });
        _take.Settle();
        Trouble = null;
    }

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            Trouble = e is UploadFifoException ? e.Message : $"Witness file {options.WitnessPath}: {e.Message}";
        }
    }

    private void Close()
    {
        _take = null;
        _witness?.Dispose();
        _witness = null;
        _fifo?.Dispose();
        _fifo = null;
    }
}
