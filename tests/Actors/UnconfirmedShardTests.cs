using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Tests;
using FtpActors.Journal.Tests.Postgres;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FtpActors.Actors.Tests;

/// <summary>Actions of a shard whose owner has lost touch with the server, on a real PostgreSQL.</summary>
[Collection("postgres")]
public sealed class UnconfirmedShardTests(PostgresServer server) : IDisposable
{
    private const int Shard = 1;

    private readonly string _file = Path.Combine(Path.GetTempPath(), "ftpactors-unconfirmed-" + Guid.NewGuid().ToString("N"));

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task An_owner_that_has_not_heard_of_its_server_for_half_a_lease_starts_no_action_and_the_next_owner_does()
    {
        var database = await server.MakeDatabaseAsync();
        await using var relay = new Relay(server.Port);
        await using var cut = await OpenAsync(new NpgsqlConnectionStringBuilder(server.Connection(database)) { Port = relay.Port }.ConnectionString);
        var lease = await cut.TakeShardAsync(Shard, "cut");
        var log = new Recorder();
        await using (var running = new RunningActor(cut, lease, _file, log))
        {
            await AddAsync(cut, "before");
            running.Actor.Wake(Shard);
            await Eventually.IsTrueAsync(() => Lines().Length == 1, "the action ran");

            // Only the connection that holds the shard: what is due can still be read.
            relay.Stall("ftpactors shard");
            await Eventually.IsTrueAsync(() => !((IDeliveries)cut).IsConfirmed(Shard, lease.Epoch), "the silence was noticed");
            await AddAsync(cut, "during");
            running.Actor.Wake(Shard);
            await Eventually.IsTrueAsync(() => log.Has("half a lease"), "the delivery was found and not begun");
        }
        Assert.Single(Lines());

        await using var other = await OpenAsync(server.Connection(database));
        var (next, _) = await Eventually.TakeAsync(other, Shard, "other");
        await using (new RunningActor(other, next, _file, log))
            await Eventually.IsTrueAsync(() => Lines().Any(l => l.Contains("\"during\"", StringComparison.Ordinal)), "the next owner ran it");
    }

    // Read beside the action that writes: each would lock the other out.
    private string[] Lines()
    {
        if (!File.Exists(_file))
            return [];
        using var reader = new StreamReader(new FileStream(_file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Task<PostgresJournal> OpenAsync(string connection) => PostgresJournal.OpenAsync(new PostgresJournalOptions
    {
        Connection = connection, Shards = 4, Lease = TimeSpan.FromSeconds(6), TakeWait = TimeSpan.FromMilliseconds(200),
    });

    private static Task<int> AddAsync(IDeliveries journal, string key) => journal.AddAsync(
        Shard, [new NewDelivery(key, "rule", "upload", null, false, null, "{}", DateTimeOffset.UtcNow.AddSeconds(-1), null)]);

    private sealed class RunningActor : IAsyncDisposable
    {
        private readonly FileRunner _runner = new(TimeProvider.System);
        private readonly CancellationTokenSource _stop = new();
        private readonly ILoggerFactory _loggers;
        private readonly Task _running;

        public RunningActor(IDeliveries journal, ShardLease lease, string file, Recorder log)
        {
            var rule = new Rule { Name = "rule", On = [TriggerKind.Upload], Actions = [new FileAction(file)] };
            _loggers = LoggerFactory.Create(b => b.AddProvider(log));
            Actor = new DeliveryActor(
                journal, new RuleBook(new RuleSet([rule]), null), _runner, new DeliveryOptions { Node = "me", Grace = TimeSpan.Zero },
                new ActionSlots(4), TimeProvider.System, _loggers);
            Actor.Own(lease.Shard, lease.Epoch);
            _running = Task.Run(() => Actor.RunAsync(_stop.Token));
        }

        public DeliveryActor Actor { get; }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
            _runner.Dispose();
            _loggers.Dispose();
        }
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = [];

        public bool Has(string words) => _lines.Any(l => l.Contains(words, StringComparison.Ordinal));

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
