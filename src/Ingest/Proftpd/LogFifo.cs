using FtpActors.Ingest.Linux;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Ingest.Queue;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Proftpd;

/// <summary>
/// A FIFO of lines, held open for reading and writing: a session that begins always finds a reader, and there is no end of file when the last one closes. Lines are durable
/// before they leave it. Belongs to one thread.
/// </summary>
internal sealed class LogFifo : IDisposable
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private const byte LineFeed = (byte)'\n';

    private readonly UploadFifo _fifo;
    private readonly FifoWitness _witness;
    private readonly UploadTake _take;
    private readonly string _path;

    /// <param name="options">The source.</param>
    /// <param name="state">Where the one before it stood.</param>
    /// <param name="report">What the source says of itself.</param>
    /// <param name="store">Makes lines durable; returns when they are.</param>
    /// <exception cref="IOException">It cannot be opened; the message says what to do.</exception>
    public LogFifo(ProftpdLogOptions options, FifoState? state, SourceReport report, Action<IReadOnlyList<byte[]>, FifoState> store)
    {
        _path = options.Fifo!;
        _fifo = UploadFifo.Open(_path, options.Owner, options.PipeBytes, "Log FIFO", "the FTP server");
        report.Warn("size", _fifo.Bytes < options.PipeBytes
            ? $"The FIFO holds {_fifo.Bytes} bytes, {options.PipeBytes} were wanted: a long stall of the disk makes sessions wait and lines get lost. "
                + $"Set sysctl fs.pipe-max-size={options.PipeBytes}, or run this program as root."
            : null);
        try
        {
            _witness = FifoWitness.Open(options.WitnessPath, _fifo.Bytes);
        }
        catch
        {
            _fifo.Dispose();
            throw;
        }
        _take = new UploadTake(
            _fifo, _witness, state, TakingState.DigestOf(System.IO.File.ReadAllText(BootId) + _fifo.Identity), TryLine,
            (bytes, pieces, next) => store(Lines(bytes, pieces), next));
        _take.Settle();
    }

    /// <summary>To poll.</summary>
    public int File => _fifo.File;

    /// <summary>Takes all whole lines; false when there is none.</summary>
    /// <exception cref="IOException">Another file stands at the path, so new sessions do not write here.</exception>
    public bool Take()
    {
        if (FileIdentity.At(_path) != _fifo.Identity)
            throw new UploadFifoException($"Another file stands at {_path} now; it is opened anew.");
        return _take.Take();
    }

    /// <summary>How often another reader took lines.</summary>
    public int Steals => _take.Steals;

    public void Dispose()
    {
        _witness.Dispose();
        _fifo.Dispose();
    }

    private static bool TryLine(ReadOnlySpan<byte> bytes, out UploadPipePiece piece)
    {
        var end = bytes.IndexOf(LineFeed) is >= 0 and var feed ? feed + 1 : bytes.Length;
        piece = new UploadPipePiece(Math.Min(end, AltlogReader.LongestLine), null, null);
        return (end > 0 && bytes[end - 1] == LineFeed) || end >= AltlogReader.LongestLine;
    }

    private static List<byte[]> Lines(ReadOnlySpan<byte> bytes, IReadOnlyList<UploadPipePiece> pieces)
    {
        var lines = new List<byte[]>(pieces.Count);
        foreach (var piece in pieces)
        {
            lines.Add(bytes[..piece.Length].ToArray());
            bytes = bytes[piece.Length..];
        }
        return lines;
    }
}
