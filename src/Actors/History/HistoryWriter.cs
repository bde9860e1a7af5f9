using System.Text.Json;
using System.Threading.Channels;
using Akka;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;
using FtpActors.Protocol.Stored;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FtpActors.Actors.History;

/// <summary>An item's transaction has committed. Items of one handler are told in their order.</summary>
/// <param name="Handler">Number of the handler.</param>
/// <param name="Row">Sequence number of its journal row.</param>
public sealed record HistoryWritten(int Handler, long Row) : INoSerializationVerificationNeeded;

/// <summary>
/// The one way of a node's handlers into its history: what waits while a transaction runs is the next transaction. A write that fails is tried
/// again until it succeeds; nothing is left out or overtaken, but for a row that the database refuses for what it is: that is put aside with the reason.
/// </summary>
public sealed class HistoryWriter : IAsyncDisposable
{
    private const long MostRows = 10_000;

    // A transaction costs as much as some hundred rows, so small ones are kept apart: still far below the 200 ms in which a commit has to be visible here.
    private const int SmallRows = 2_000;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    // SQLite's result codes (sqlite3.h) of a row that will never fit: too big, a constraint, another type, no such column.
    private static readonly int[] RefusedBySqlite = [18, 19, 20, 25];

    // Classes of SQLSTATE that mean the same: data exception, integrity constraint violation, program limit exceeded.
    private static readonly string[] RefusedByPostgres = ["22", "23", "54"];

    private readonly HistoryDatabase _database;
    private readonly ActorSystem _system;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _givenUp = new();
    // Bounded by those who offer: a task that is awaited, or an actor's count of items that it was not told of yet. An actor that offers cannot be made to
    // wait, so a bound of the channel's own would only move the items to its list of waiting callers.
    private readonly Channel<Offer> _offers = Channel.CreateUnbounded<Offer>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _ended;
    private volatile string? _trouble;
    private long _putAside;

    /// <summary>Begins to write.</summary>
    /// <param name="system">Runs the stream.</param>
    /// <param name="database">Where to. It is not closed with the writer.</param>
    /// <param name="clock">For the pauses between tries; the system's when not given.</param>
    public HistoryWriter(ActorSystem system, HistoryDatabase database, TimeProvider? clock = null)
    {
        (_database, _system, _clock) = (database, system, clock ?? TimeProvider.System);
        _ended = EndAsync(ChannelSource.FromReader(_offers.Reader)
            .BatchWeighted(MostRows, offer => offer.Item.Size, offer => new List<Offer> { offer }, Join)
            .SelectAsync(1, WriteAsync)
            .RunWith(Sink.Ignore<Done>(), system.Materializer()));
    }

    /// <summary>Why nothing can be written at the moment, for a person; null when all is well.</summary>
    public string? Trouble => _trouble;

    /// <summary>Rows that the database refuses, since the start.</summary>
    public long PutAside => Interlocked.Read(ref _putAside);

    /// <summary>
    /// Hands an item over. An actor need not wait for the task: calls keep their order, and its count of items that were not yet told as
    /// <see cref="HistoryWritten"/> bounds what it has here.
    /// </summary>
    /// <param name="item">The item.</param>
    /// <param name="told">Told <see cref="HistoryWritten"/> when it is durable.</param>
    /// <returns>Ends when the item's transaction has committed.</returns>
    /// <exception cref="InvalidOperationException">The writer was stopped before the item was written.</exception>
    public async Task OfferAsync(HistoryItem item, IActorRef? told = null)
    {
        var offer = new Offer(item, told, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_offers.Writer.TryWrite(offer))
            await Task.WhenAny(offer.Written.Task, _ended).ConfigureAwait(false);
        if (!offer.Written.Task.IsCompleted)
            throw new InvalidOperationException("The history's writer has stopped: what it did not write is made again from the journal.");
    }

    /// <summary>Writes everything that was offered, and ends.</summary>
    /// <param name="giveUp">Ends it at once; what was not written is made again from the journal.</param>
    public async Task StopAsync(CancellationToken giveUp = default)
    {
        _offers.Writer.TryComplete();
        await using var registration = giveUp.Register(_givenUp.Cancel).ConfigureAwait(false);
        await _ended.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _givenUp.Dispose();
    }

    private static List<Offer> Join(List<Offer> batch, Offer offer)
    {
        batch.Add(offer);
        return batch;
    }

    private async Task<Done> WriteAsync(List<Offer> batch)
    {
        var items = batch.ConvertAll(offer => offer.Item);
        if (await TryWriteAsync(items).ConfigureAwait(false) is not null)
        {
            foreach (var item in items)
                await WritePartsAsync(item).ConfigureAwait(false);
        }
        foreach (var (item, told, written) in batch)
        {
            told?.Tell(new HistoryWritten(item.Handler, item.Row), ActorRefs.NoSender);
            written.TrySetResult();
        }
        if (items.Sum(item => item.Size) < SmallRows && !_offers.Reader.Completion.IsCompleted)
            await Task.Delay(Gather, _clock, _givenUp.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Done.Instance;
    }

    // One after the other, as far as they are taken; the position last, so that after a kill all of it is written again.
    private async Task WritePartsAsync(HistoryItem item)
    {
        if (await TryWriteAsync([item]).ConfigureAwait(false) is null)
            return;
        foreach (var (place, content, part) in item.Parts())
        {
            if (await TryWriteAsync([part]).ConfigureAwait(false) is not { } reason)
                continue;
            Interlocked.Increment(ref _putAside);
            _system.EventStream.Publish(new PutAside(Protocol.Stored.PutAside.History, $"{place}, of row {item.Row} of handler {item.Handler}", reason, JsonSerializer.SerializeToUtf8Bytes(content)));
        }
        await TryWriteAsync([new HistoryItem(item.Handler, item.Row)]).ConfigureAwait(false);
    }

    /// <summary>Tries until it is written.</summary>
    /// <returns>Null when it is; else why the database will never take it.</returns>
    private async Task<string?> TryWriteAsync(IReadOnlyList<HistoryItem> items)
    {
        var pauses = new Backoff(FirstPause, LongestPause);
        while (true)
        {
            try
            {
                _givenUp.Token.ThrowIfCancellationRequested();
                await _database.WriteAsync(items).ConfigureAwait(false);
                _trouble = null;
                return null;
            }
            catch (Exception e) when (IsRefused(e))
            {
                return e.Message;
            }
            // Whatever else it is, it may pass, and an item that was left out would be missing for good: it is shown, and tried again.
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _trouble = e.Message;
                await Task.Delay(pauses.Next(), _clock, _givenUp.Token).ConfigureAwait(false);
            }
        }
    }

    // What is no answer of the database is a row that cannot even be given to it.
    private static bool IsRefused(Exception e) => e switch
    {
        SqliteException sqlite => RefusedBySqlite.Contains(sqlite.SqliteErrorCode),
        PostgresException postgres => RefusedByPostgres.Contains(postgres.SqlState[..2]),
        _ => e is ArgumentException or InvalidCastException or FormatException or OverflowException or KeyNotFoundException or NullReferenceException,
    };

    // The stream ends when all is written, when it was given up, or with its actor system; then no try goes on alone.
    private async Task EndAsync(Task stream)
    {
        await stream.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _offers.Writer.TryComplete();
        await _givenUp.CancelAsync().ConfigureAwait(false);
    }

    private sealed record Offer(HistoryItem Item, IActorRef? Told, TaskCompletionSource Written);
}
