using FtpActors.Ingest.Forwarding;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Sqlite;
using FtpActors.Journal.Tests;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Ingest.Tests;

/// <summary>A data folder with its spool, a database, and the forwarder between them, which can be ended and started again.</summary>
internal sealed class ForwarderPlace(PostgresServer server, string database) : IAsyncDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("ftpactors-forward-").FullName;

    public string Database => database;

    public SqliteJournal Spool { get; private set; } = null!;

    public PostgresJournal Journal { get; private set; } = null!;

    public Forwarder Forwarder { get; private set; } = null!;

    public Horizon Horizon { get; private set; } = new();

    public static async Task<ForwarderPlace> MakeAsync(PostgresServer server) => new(server, await server.MakeDatabaseAsync());

    public static Task<SqliteJournal> OpenSpoolAsync(string folder) => SqliteJournal.OpenAsync(
        new SqliteJournalOptions { Folder = folder, File = SqliteJournalOptions.SpoolFile, Host = "ftp1", Shards = 1 });

    public async Task<ForwarderPlace> StartAsync(TimeSpan? keep = null, Func<ISpoolReceiver, ISpoolReceiver>? through = null)
    {
        Spool = await OpenSpoolAsync(Folder);
        Journal = await server.OpenAsync(database);
        Horizon = new Horizon();
        var receiver = through is null ? Journal : through(Journal);
        Forwarder = await Forwarder.StartAsync(
            Spool, "ftp1", () => receiver, Horizon, new ForwarderOptions { Keep = keep ?? TimeSpan.FromDays(7), BatchEvents = 500 }, TimeProvider.System, NullLoggerFactory.Instance);
        return this;
    }

    public async Task EndAsync()
    {
        await Forwarder.DisposeAsync();
        await Journal.DisposeAsync();
        await Spool.DisposeAsync();
    }

    /// <summary>Events number <paramref name="first"/> and following, in batches of 50.</summary>
    public async Task AppendAsync(int first, int count)
    {
        for (var i = first; i < first + count; i += 50)
            await Spool.AppendAsync(TestEvents.Batch(TestEvents.Range(i, Math.Min(50, first + count - i))));
    }

    public Task ShippedAsync() => Eventually.True(() => Forwarder.Status is { Backlog: 0, State: "shipping" }, () => Forwarder.Status.ToString());

    public Task TroubleAsync(string words) => Eventually.True(
        () => Forwarder.Status.Trouble?.Contains(words, StringComparison.Ordinal) == true, () => $"no '{words}' in {Forwarder.Status}");

    /// <summary>Everything in the journal by the seqs of the spool: those of the first events, without gaps, each once.</summary>
    public async Task JournalHasAsync(int count)
    {
        var stored = await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();
        Assert.Equal(Enumerable.Range(1, count).Select(i => (long)i), stored.Select(s => s.Seq));
        Assert.Equal(TestEvents.Range(0, count), stored.Select(s => s.Event));
        var byShard = await Journal.ReadAllAsync(Spool.SpoolId);
        Assert.Equal(count, byShard.Count);
        Assert.All(byShard, e => Assert.Equal(SessionKey.Of(e.Event).Shard(Journal.Shards), e.Shard));
    }

    public Task ExecuteAsync(string sql) => server.ExecuteAsync(database, sql);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
