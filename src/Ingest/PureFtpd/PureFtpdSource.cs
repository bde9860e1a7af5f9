using Akka.Streams;
using FtpActors.Ingest.Streams;
using FtpActors.Protocol;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Reads what one Pure-FTPd says of itself: the upload pipe, the scoreboard and the alternative log, as one stream of events. A record leaves the pipe after it
/// is durable. While no node runs, records are lost where the server finds no reader.
/// </summary>
public sealed class PureFtpdSource : ISource
{
    private readonly PureFtpdOptions _options;
    private readonly ISpool _spool;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public PureFtpdSource(PureFtpdOptions options, ISpool spool, IMaterializer materializer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _materializer, _time) = (options, spool, materializer, time);
        _report = new SourceReport(options.Name, Kind);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "pureftpd";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        await new SpoolStage(_spool, _time, _report, stop).RunAsync(Name, Read, _materializer).ConfigureAwait(false);
        // What the spool could not store is still in the pipe and in the log, and the scoreboard says it again.
        _report.Stopped(null);
    }

    // Decoding is no stage of its own here: it asks the file system for the files of the events, and that may block as reading does.
    private void Read(Feed<SourceBatch> feed)
    {
        try
        {
            var state = PureFtpdState.Decode(_spool.ReadSourceStateAsync(Name).GetAwaiter().GetResult());
            using var inputs = new PureFtpdInputs(_options, state, _time, _report, feed.Store);
            while (feed.WaitUntilWanted())
            {
                inputs.Step();
                if (inputs.Trouble is { } trouble)
                    _report.Waiting(trouble);
                else
                    _report.Reading();
                inputs.Wait();
            }
        }
        catch (JournalUnavailableException e)
        {
            _report.Waiting($"The spool cannot be read: {e.Message}");
        }
    }
}
