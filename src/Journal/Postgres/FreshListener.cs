using System.Globalization;
using System.Text;
using Npgsql;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// Tells of what other nodes append to the shards that this one owns: reads the new events once per notification and offers them. After a
/// connection that ended, and every now and then as the safety net, it looks how far the spools have come since the last look, and offers the
/// last event that each owned shard has got, with an unknown previous one: whoever does not stand there reads the journal. What is older than
/// the first look, whoever takes a shard reads by himself. Whatever came, of shards owned or not, it rings.
/// </summary>
internal sealed class FreshListener(Server server, TimeSpan poll, Func<int[]> owned, Action<FreshEvents> offer, Action ring, Action<string> trouble)
    : IAsyncDisposable
{
    // PostgreSQL takes at most 8,000 bytes; a longer list of shards is left out and all owned ones are looked at.
    private const int LongestNote = 7000;
    private const string ClusterChannel = "ftpactors_cluster";

    private readonly string _me = Guid.NewGuid().ToString("N");
    private readonly CancellationTokenSource _end = new();
    // As long as what the server has sent while one read ran; taken whole after each.
    private readonly Queue<string> _notes = [];
    // Last seq of each spool at the last look.
    private Dictionary<string, long> _seen = new(StringComparer.Ordinal);
    private Task? _running;
    private Action? _changed;

    /// <summary>Remembers how far the spools have come: to be called before the first shard is taken.</summary>
    public async Task PrepareAsync() => _seen = await HeadsAsync().ConfigureAwait(false);

    /// <summary>Begins; nothing when it has begun already. Not for two threads at once.</summary>
    public void Start() => _running ??= Task.Run(RunAsync);

    /// <summary>Calls it when another node says that something in the cluster has changed, and after a time in which that could not be heard.</summary>
    public void OnChange(Action changed) => _changed += changed;

    /// <summary>What an append says: who, spool, first and last seq, and each shard with the seq before (-1 when not known).</summary>
    public string Note(IReadOnlyList<FreshEvents> fresh)
    {
        var first = fresh.Min(f => f.Events[0].Seq);
        var last = fresh.Max(f => f.Events[^1].Seq);
        var shards = new StringBuilder();
        foreach (var (shard, previous, _) in fresh)
            shards.Append(CultureInfo.InvariantCulture, $"{(shards.Length > 0 ? "," : "")}{shard}:{previous}");
        var list = shards.Length <= LongestNote ? shards.ToString() : "*";
        return string.Create(CultureInfo.InvariantCulture, $"{_me} {first} {last} {list} {fresh[0].Events[0].Spool}");
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
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
        connection.Notification += (_, note) =>
        {
            if (note.Channel == ClusterChannel)
                _changed?.Invoke();
            else
                _notes.Enqueue(note.Payload);
        };
        await connection.RunAsync(SqlTexts.ListenFresh).ConfigureAwait(false);
        await connection.RunAsync(SqlTexts.ListenCluster).ConfigureAwait(false);
        _changed?.Invoke();
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

    private async Task OfferHeadsAsync()
    {
        var mine = owned();
        if (mine.Length == 0)
            return;
        var heads = await HeadsAsync().ConfigureAwait(false);
        foreach (var (spool, last) in heads)
        {
            var seen = _seen.GetValueOrDefault(spool);
            if (last <= seen)
                continue;
            var fresh = await ReadAsync(spool, seen, last, (connection, days) => connection.ReadAsync(
                r => new FreshEvents(r.GetInt32(4), -1, [EventRow.Read(r, spool)]),
                SqlTexts.ReadHeads, mine, spool, seen, last, days.From, days.Until)).ConfigureAwait(false);
            fresh.ForEach(offer);
            _seen[spool] = last;
        }
    }

    private Task<Dictionary<string, long>> HeadsAsync() => server.ReadAsync(async connection =>
        (await connection.ReadAsync(r => (Id: r.GetString(1), Last: r.GetInt64(2)), SqlTexts.ReadSpools).ConfigureAwait(false))
        .ToDictionary(s => s.Id, s => s.Last, StringComparer.Ordinal));

    private Task<List<T>> ReadAsync<T>(string spool, long after, long upTo, Func<NpgsqlConnection, SpoolDays, Task<List<T>>> read) =>
        server.ReadAsync(async connection => await SpoolDays.AllAsync(connection, spool, after, upTo).ConfigureAwait(false) is { } days
            ? await read(connection, days).ConfigureAwait(false)
            : []);

    private async Task ReadAppendedAsync(string note)
    {
        var parts = note.Split(' ', 5);
        if (parts.Length < 5 || parts[0] == _me)
            return;
        var mine = owned();
        var previous = parts[3] == "*"
            ? mine.ToDictionary(shard => shard, _ => -1L)
            : parts[3].Split(',').Select(p => p.Split(':')).ToDictionary(
                p => int.Parse(p[0], CultureInfo.InvariantCulture), p => long.Parse(p[1], CultureInfo.InvariantCulture));
        int[] touched = [.. mine.Where(previous.ContainsKey)];
        if (touched.Length == 0)
            return;

        var (first, last, spool) = (long.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture), parts[4]);
        var events = await ReadAsync(spool, first - 1, last, (connection, days) => connection.ReadAsync(
            r => (Shard: r.GetInt32(4), Event: EventRow.Read(r, spool)),
            SqlTexts.ReadAppended, touched, spool, first - 1, last, days.From, days.Until)).ConfigureAwait(false);
        foreach (var own in events.GroupBy(e => e.Shard, e => e.Event))
            offer(new FreshEvents(own.Key, previous[own.Key], [.. own]));
    }
}
