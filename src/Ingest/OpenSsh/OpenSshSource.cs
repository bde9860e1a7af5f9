using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Streams;
using FtpActors.Protocol;

namespace FtpActors.Ingest.OpenSsh;

/// <summary>
/// Reads what sshd and sftp log. On sockets each line comes with its sender, so each session is known for certain; lines that are sent while no node runs are lost, as they would be with
/// any syslog.
/// </summary>
public sealed class OpenSshSource : ISource
{
    private readonly OpenSshOptions _options;
    private readonly ISpool _spool;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private readonly OpenSshReader _reader;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public OpenSshSource(OpenSshOptions options, ISpool spool, IMaterializer materializer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _materializer, _time) = (options, spool, materializer, time);
        _report = new SourceReport(options.Name, Kind);
        _reader = new OpenSshReader(options, time, _report);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "openssh-log";

    /// <inheritdoc/>
    public SourceStatus Status => _report.Read(depth: null);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        var spool = new SpoolStage(_spool, _time, _report, stop);
        var lost = 0L;
        using var run = new SourceRun<SourceBatch>($"source {Name}", Read, stop);
        await run.EndAsync(run.Source
            .SelectAsync(1, async batch => (Batch: batch, IsStored: await spool.StoreAsync(batch).ConfigureAwait(false)))
            .RunForeach(
                stored =>
                {
                    lost += stored.IsStored ? 0 : stored.Batch.Events.Count + stored.Batch.Quarantined.Count;
                    run.Acknowledge(stored.IsStored);
                },
                _materializer)).ConfigureAwait(false);
        lost += await StoreRestAsync(spool).ConfigureAwait(false);
        _report.Dropped(_options.IsLive ? lost : 0);
        _report.Stopped(lost > 0 && _options.IsLive ? $"{lost} events were lost: the spool could not store them before the stop, and sshd does not log again." : null);
    }

    // What came after the last batch.
    private async Task<long> StoreRestAsync(SpoolStage spool)
    {
        var batch = _reader.TakeBatch();
        return batch is null || await spool.StoreAsync(batch).ConfigureAwait(false) ? 0 : batch.Events.Count + batch.Quarantined.Count;
    }

    private void Read(Feed<SourceBatch> feed)
    {
        try
        {
            _reader.Begin(OpenSshState.Decode(_spool.ReadSourceStateAsync(Name).GetAwaiter().GetResult()));
            // Who sent a line can be asked only while he lives, on a busy machine too.
            ThreadCalls.Hurry();
            using var inputs = new OpenSshInputs(_options, _reader, _report);
            _report.Reading();
            inputs.Read(feed);
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
