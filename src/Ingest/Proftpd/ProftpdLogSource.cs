using Akka.Streams;
using FtpActors.Ingest.Streams;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Proftpd;

/// <summary>Reads a log of ProFTPD in our own LogFormat, or an xferlog of any server, from a FIFO or a file. A line is durable before it leaves the FIFO.</summary>
public sealed class ProftpdLogSource : ISource
{
    private readonly ProftpdLogOptions _options;
    private readonly ISpool _spool;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public ProftpdLogSource(ProftpdLogOptions options, ISpool spool, IMaterializer materializer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _materializer, _time) = (options, spool, materializer, time);
        _report = new SourceReport(options.Name, Kind);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => _options.IsXferlog ? "xferlog" : "proftpd-log";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        await new SpoolStage(_spool, _time, _report, stop).RunAsync(Name, Read, _materializer).ConfigureAwait(false);
        // What the spool could not store is still in the FIFO or the file; what waits is part of the stored state.
        _report.Stopped(null);
    }

    private void Read(Feed<SourceBatch> feed)
    {
        try
        {
            var state = ProftpdLogState.Decode(_spool.ReadSourceStateAsync(Name).GetAwaiter().GetResult());
            using var reader = new ProftpdLogReader(_options, state, _time, _report, feed);
            reader.Read();
        }
        catch (JournalUnavailableException e)
        {
            _report.Waiting($"The spool cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _report.Waiting(e.Message);
        }
    }
}
