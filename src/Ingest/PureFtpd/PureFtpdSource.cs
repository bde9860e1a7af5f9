using FtpActors.Journal;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>
/// Reads what one Pure-FTPd says of itself: the upload pipe, the scoreboard and the alternative log, as one stream of events. A record leaves the pipe after it
/// is durable. While no node runs, records are lost where the server finds no reader.
/// </summary>
public sealed class PureFtpdSource : ISource
{
    private readonly PureFtpdOptions _options;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly PureFtpdStore _store;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public PureFtpdSource(PureFtpdOptions options, ISpool spool, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _time) = (options, time);
        _report = new SourceReport(options.Name, Kind);
        _store = new PureFtpdStore(spool, time, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "pureftpd";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken stop) => SourceThread.Run($"source {Name}", () => Run(stop));

    private void Run(CancellationToken stop)
    {
        try
        {
            var state = PureFtpdState.Decode(_store.ReadState(Name, stop));
            using var inputs = new PureFtpdInputs(_options, state, _time, _report, batch => _store.Store(batch, stop));
            while (!stop.IsCancellationRequested)
            {
                inputs.Step();
                if (inputs.Trouble is { } trouble)
                    _report.Waiting(trouble);
                else
                    _report.Reading();
                inputs.Wait();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // What the spool could not store is still in the pipe and in the log, and the scoreboard says it again.
        }
        _report.Stopped(null);
    }
}
