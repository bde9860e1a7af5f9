using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging;

namespace FtpActors.Ingest.Forwarding;

/// <summary>
/// Ships a node's spool to the shared journal, to each of its servers at that server's own pace (<see cref="Shipment"/>; promise 2: the journal knows
/// how far it has come and passes over what it has), and drops from the spool what all of them confirmed long enough ago.
/// </summary>
public sealed partial class Forwarder : IFreshEvents, IAsyncDisposable
{
    private static readonly TimeSpan DropEvery = TimeSpan.FromSeconds(1);

    private readonly SqliteJournal _spool;
    private readonly ForwarderOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Shipment[] _shipments;
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _end = new();
    private Task _dropping = Task.CompletedTask;

    private Forwarder(
        SqliteJournal spool, string host, IEnumerable<Func<ISpoolReceiver>> servers, Horizon horizon, ForwarderOptions options, TimeProvider time, ILogger log)
    {
        (_spool, _options, _time, _log) = (spool, options, time, log);
        _shipments = [.. servers.Select(s => new Shipment(spool, host, s, horizon, options, time, log, _drain.Token, _end.Token))];
    }

    /// <summary>Counters and condition as of now, of all servers together; safe to call from any thread.</summary>
    public ForwarderStatus Status => ForwarderStatus.Of([.. _shipments.Select(s => s.Status)]);

    /// <inheritdoc cref="StartAsync(SqliteJournal, string, IReadOnlyList{Func{ISpoolReceiver}}, Horizon, ForwarderOptions, TimeProvider, ILoggerFactory)"/>
    /// <param name="spool">A file with one shard (<see cref="SqliteJournalOptions.SpoolFile"/>); the caller closes it after the forwarder.</param>
    /// <param name="host">Name of the host whose events are in it.</param>
    /// <param name="journal">Gives the journal, or throws <see cref="JournalUnavailableException"/> while there is none.</param>
    /// <param name="horizon">Of the sources that write to the spool.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    public static Task<Forwarder> StartAsync(
        SqliteJournal spool, string host, Func<ISpoolReceiver> journal, Horizon horizon, ForwarderOptions options, TimeProvider time, ILoggerFactory loggers) =>
        StartAsync(spool, host, [journal], horizon, options, time, loggers);

    /// <summary>Starts one, before the sources of its spool.</summary>
    /// <param name="spool">A file with one shard (<see cref="SqliteJournalOptions.SpoolFile"/>); the caller closes it after the forwarder.</param>
    /// <param name="host">Name of the host whose events are in it.</param>
    /// <param name="servers">Each gives one server of the journal, or throws <see cref="JournalUnavailableException"/> while there is none.</param>
    /// <param name="horizon">Of the sources that write to the spool.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For its log lines.</param>
    /// <exception cref="JournalException">The spool cannot be read.</exception>
    public static async Task<Forwarder> StartAsync(
        SqliteJournal spool, string host, IReadOnlyList<Func<ISpoolReceiver>> servers, Horizon horizon, ForwarderOptions options, TimeProvider time,
        ILoggerFactory loggers)
    {
        var forwarder = new Forwarder(spool, host, servers, horizon, options, time, loggers.CreateLogger<Forwarder>());
        spool.Subscribe(forwarder);
        var extent = await spool.ReadExtentAsync().ConfigureAwait(false);
        foreach (var shipment in forwarder._shipments)
            shipment.Start(extent);
        forwarder._dropping = Task.Run(forwarder.DropAsync);
        return forwarder;
    }

    /// <inheritdoc/>
    public void Offer(int shard, long previous, IReadOnlyList<StoredEvent> events)
    {
        if (events[0].Spool != _spool.SpoolId)
            return;
        foreach (var shipment in _shipments)
            shipment.Offer(previous, events);
    }

    /// <summary>Gives up events that neither the spool nor the journal has any more; shipping goes on after them.</summary>
    /// <param name="seq">Seq of the last one, as the trouble names it: so nobody gives up more than was read.</param>
    /// <exception cref="InvalidOperationException">Nothing, or something else, is missing.</exception>
    /// <exception cref="JournalException">The journal could not write it down.</exception>
    public async Task SkipAsync(long seq)
    {
        var lacking = _shipments.Select(s => (Shipment: s, s.Missing)).Where(s => s.Missing is not null).ToList();
        if (lacking.Count == 0)
            throw new InvalidOperationException("No events are missing between this node's spool and the journal; there is nothing to skip.");
        foreach (var (_, missing) in lacking)
        {
            if (missing!.Value.To != seq)
                throw new InvalidOperationException($"The events that are missing are {missing.Value.From + 1} to {missing.Value.To}, not to {seq}; nothing was skipped.");
        }
        foreach (var (shipment, missing) in lacking)
            await shipment.SkipAsync(missing!.Value).ConfigureAwait(false);
    }

    /// <summary>Ships what is left, at most for <see cref="ForwarderOptions.Grace"/>, and ends; the rest stays in the spool for the next start. Call after the sources have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
            return;
        await _drain.CancelAsync().ConfigureAwait(false);
        Array.ForEach(_shipments, s => s.Wake());
        await Task.WhenAny(Task.WhenAll(_shipments.Select(s => s.Running)), Task.Delay(_options.Grace, _time)).ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await _dropping.ConfigureAwait(false);
        if (Status.Backlog is > 0 and var left)
            LogLeft(left, _spool.SpoolId);
        Array.ForEach(_shipments, s => s.Stopped());
    }

    private async Task DropAsync()
    {
        var dropped = 0L;
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(DropEvery, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                var upTo = _shipments.Min(s => s.Droppable);
                if (upTo <= dropped)
                    continue;
                await _spool.DropAsync(upTo, _end.Token).ConfigureAwait(false);
                dropped = upTo;
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (JournalException e)
            {
                // The sources meet the same trouble and report it; the events stay a little longer.
                LogNotDropped(_spool.SpoolId, e.Message);
            }
        }
    }

    [LoggerMessage(1103, LogLevel.Warning, "{Left} events of spool {Spool} are not in the journal yet; they are shipped after the next start")]
    private partial void LogLeft(long left, string spool);

    [LoggerMessage(1104, LogLevel.Warning, "Confirmed events were not dropped from spool {Spool}, tried again: {Reason}")]
    private partial void LogNotDropped(string spool, string reason);
}
