using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// Tells of what other nodes append to the shards that this one owns: reads the new events once per notification and offers them, then moves
/// the spool's horizon. After a connection that ended, and every now and then as the safety net, it looks how far the spools have come since the
/// last look, and offers the last event that each owned shard has got, with an unknown previous one: whoever does not stand there reads the
/// journal. What is older than the first look, whoever takes a shard reads by himself. Whatever came, of shards owned or not, it rings. On the same
/// connection it hears what else nodes tell.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="me">Id of this journal object: its own notes are passed over.</param>
/// <param name="poll">Time between two looks of the safety net.</param>
/// <param name="owned">The shards that this process owns.</param>
/// <param name="offer">Takes new events.</param>
/// <param name="horizons">Moved when what came before has been offered.</param>
/// <param name="ring">Told that something came, whoever's it is.</param>
/// <param name="heard">Told of every note of another channel, by channel and text; both null when any may have been missed.</param>
/// <param name="trouble">Told of what the operator should know.</param>
internal sealed class FreshListener(
    Server server, string me, TimeSpan poll, Func<int[]> owned, Action<FreshEvents> offer, Horizons horizons, Action ring,
    Action<string?, string?> heard, Action<string> trouble) : IAsyncDisposable
{
    private const string FreshChannel = "ftpactors_fresh";

    private readonly CancellationTokenSource _end = new();
    // As long as what the server has sent while one read ran; taken whole after each.
    private readonly Queue<string> _notes = [];
    // Last seq of each spool at the last look.
    private Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task? _running;

    /// <summary>Remembers how far the spools have come: to be called before the first shard is taken.</summary>
    public async Task PrepareAsync() => _seen = await HeadsAsync().ConfigureAwait(false);

    /// <summary>Begins to listen; nothing when it does already.</summary>
    public void Start()
    {
        lock (_gate)
            _running ??= Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await (_running ?? Task.CompletedTask).ConfigureAwait(false);
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
        connection.Notification += (_, note) =>
        {
            if (note.Channel == FreshChannel)
                _notes.Enqueue(note.Payload);
            else
                heard(note.Channel, note.Payload);
        };
        await connection.RunAsync(SqlTexts.Listen).ConfigureAwait(false);
        // What was said before is not said again.
        heard(null, null);
        ring();
        await OfferHeadsAsync().ConfigureAwait(false);
        while (true)
        {
            var heard = await connection.WaitAsync(poll, _end.Token).ConfigureAwait(false);
            ring();
            if (!heard)
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
            foreach (var (spool, last) in await HeadsAsync().ConfigureAwait(false))
                await OfferHeadAsync(spool, last, mine).ConfigureAwait(false);
        }
        foreach (var (spool, host, horizon) in reached)
            horizons.Move(spool, host, horizon);
    }

    private async Task OfferHeadAsync(string spool, long last, int[] mine)
    {
        var seen = _seen.GetValueOrDefault(spool);
        if (last <= seen)
            return;
        var fresh = await ReadAsync(spool, seen, last, (connection, days) => connection.ReadAsync(
            r => new FreshEvents(r.GetInt32(4), -1, [EventRow.Read(r, spool)]),
            SqlTexts.ReadHeads, mine, spool, seen, last, days.From, days.Until)).ConfigureAwait(false);
        fresh.ForEach(offer);
        _seen[spool] = last;
    }

    private Task<Dictionary<string, long>> HeadsAsync() => server.ReadAsync(async connection =>
        (await connection.ReadAsync(r => (Id: r.GetString(1), Last: r.GetInt64(2)), SqlTexts.ReadSpools).ConfigureAwait(false))
        .ToDictionary(s => s.Id, s => s.Last, StringComparer.Ordinal));

    private Task<List<T>> ReadAsync<T>(string spool, long after, long upTo, Func<NpgsqlConnection, SpoolDays, Task<List<T>>> read) =>
        server.ReadAsync(async connection => await SpoolDays.AllAsync(connection, spool, after, upTo).ConfigureAwait(false) is { } days
            ? await read(connection, days).ConfigureAwait(false)
            : []);

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
        var events = await ReadAsync(note.Spool, note.First - 1, note.Last, (connection, days) => connection.ReadAsync(
            r => (Shard: r.GetInt32(4), Event: EventRow.Read(r, note.Spool)),
            SqlTexts.ReadAppended, touched, note.Spool, note.First - 1, note.Last, days.From, days.Until)).ConfigureAwait(false);
        foreach (var own in events.GroupBy(e => e.Shard, e => e.Event))
            offer(new FreshEvents(own.Key, note.Shards?[own.Key] ?? -1, [.. own]));
    }
}
