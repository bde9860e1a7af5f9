using Akka.Streams;
using FtpActors.Ingest.Streams;
using FtpActors.Protocol;
using Microsoft.Data.Sqlite;

namespace FtpActors.Ingest.Watching;

/// <summary>
/// Watches a folder with all that is below it, and tells each version of a file once when it is finished. It serves SFTP and every FTP server that tells nothing itself. What happens
/// while no node runs is found by the scan at the start.
/// </summary>
public sealed class WatchSource : ISource
{
    private readonly WatchOptions _options;
    private readonly ISpool _spool;
    private readonly UploadFusion _fusion;
    private readonly IMaterializer _materializer;
    private readonly TimeProvider _time;
    private readonly SourceReport _report;
    private long _waiting;

    /// <summary>Makes a source that does nothing until <see cref="RunAsync"/>.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public WatchSource(WatchOptions options, ISpool spool, UploadFusion fusion, IMaterializer materializer, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_options, _spool, _fusion, _materializer, _time) = (options, spool, fusion, materializer, time);
        _report = new SourceReport(options.Name, Kind);
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public string Kind => "watch";

    /// <summary>Its depth is the files that were heard of and are not finished.</summary>
    public SourceStatus Status => _report.Read(Interlocked.Read(ref _waiting));

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stop)
    {
        await new SpoolStage(_spool, _time, _report, stop).RunAsync(Name, Read, _materializer).ConfigureAwait(false);
        // What the spool could not store is undone in the file of told files at the next start, and told then.
        _report.Stopped(null);
    }

    private void Read(Feed<SourceBatch> feed)
    {
        try
        {
            var state = WatchState.Decode(_spool.ReadSourceStateAsync(Name).GetAwaiter().GetResult());
            foreach (var beside in _options.Beside)
                _fusion.BeginAsync(beside).GetAwaiter().GetResult();
            using var inputs = new WatchInputs(_options, state, _fusion.Told(_options), _time, _report, feed.Store);
            while (feed.WaitUntilWanted())
            {
                inputs.Step();
                Interlocked.Exchange(ref _waiting, inputs.Waiting);
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
        catch (Exception e) when (e is IOException or SqliteException)
        {
            _report.Waiting($"The folder {_options.Path} cannot be watched: {e.Message}");
        }
    }
}
