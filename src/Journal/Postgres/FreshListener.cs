namespace FtpActors.Journal.Postgres;

/// <summary>
/// Tells of what other nodes append to the shards that this one owns: reads the new events once per notification and offers them, then moves
/// the spool's horizon. After a connection that ended, and every now and then as the safety net, it offers the last event of every owned shard
/// with an unknown previous one: whoever does not stand there reads the journal.
/// </summary>
internal sealed class FreshListener(
    Server server, string me, TimeSpan poll, Func<int[]> owned, Action<FreshEvents> offer, Horizons horizons, Action<string> trouble) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    // As long as what the server has sent while one read ran; taken whole after each.
    private readonly Queue<string> _notes = [];
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await ListenAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (PostgresFailure.Is(e) || e is JournalException)
            {
                trouble($"New events of other nodes are not heard of at the moment ({PostgresFailure.Describe(e)}); connecting anew.");
                await Task.Delay(TimeSpan.FromSeconds(1), _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync()
    {
        await using var connection = await server.OpenOwnAsync("ftpactors listener", lease: null).ConfigureAwait(false);
        connection.Notification += (_, note) => _notes.Enqueue(note.Payload);
        await connection.RunAsync(SqlTexts.ListenFresh).ConfigureAwait(false);
        await OfferHeadsAsync().ConfigureAwait(false);
        while (true)
        {
            if (!await connection.WaitAsync(poll, _end.Token).ConfigureAwait(false))
                await OfferHeadsAsync().ConfigureAwait(false);
            while (_notes.TryDequeue(out var note))
                await ReadAppendedAsync(note).ConfigureAwait(false);
        }
    }

    // The horizons are read first: what came before them is then at or below the heads.
    private async Task OfferHeadsAsync()
    {
        var reached = await server.ReadAsync(connection => connection.ReadAsync(
            r => (Spool: r.GetString(0), Host: r.GetString(1), Horizon: r.Time(2)), SqlTexts.ReadHorizons)).ConfigureAwait(false);
        var mine = owned();
        if (mine.Length > 0)
        {
            var heads = await server.ReadAsync(connection => connection.ReadAsync(
                r => new FreshEvents(r.GetInt32(4), -1, [EventRow.Read(r, r.GetString(5))]), SqlTexts.ReadHeads, mine)).ConfigureAwait(false);
            heads.ForEach(offer);
        }
        foreach (var (spool, host, horizon) in reached)
            horizons.Move(spool, host, horizon);
    }

    private async Task ReadAppendedAsync(string payload)
    {
        if (FreshNote.Read(payload) is not { } note || note.Sender == me)
            return;
        if (note.Last > 0)
            await OfferAppendedAsync(note).ConfigureAwait(false);
        if (note.Horizon is { } horizon)
            horizons.Move(note.Spool, note.Host, horizon);
    }

    private async Task OfferAppendedAsync(FreshNote note)
    {
        int[] touched = [.. owned().Where(shard => note.Shards?.ContainsKey(shard) ?? true)];
        if (touched.Length == 0)
            return;
        var events = await server.ReadAsync(connection => connection.ReadAsync(
            r => (Shard: r.GetInt32(4), Event: EventRow.Read(r, note.Spool)), SqlTexts.ReadAppended, touched, note.Spool, note.First, note.Last))
            .ConfigureAwait(false);
        foreach (var own in events.GroupBy(e => e.Shard, e => e.Event))
            offer(new FreshEvents(own.Key, note.Shards?[own.Key] ?? -1, [.. own]));
    }
}
