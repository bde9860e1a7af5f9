using FtpActors.Journal.Postgres;
using FtpActors.Journal.Postgres.Spread;

namespace FtpActors.Journal.Tests.Postgres;

// The promises of a journal and of its deliveries, kept by two databases. The tests of deliveries number them from 1: their shards, 1 and 2, are on
// the first server.
[Collection("postgres")]
public sealed class SpreadJournalTests(PostgresServer server) : JournalContract
{
    private SpreadDatabases? _databases;

    protected override async Task<IJournal> OpenAsync() => await (_databases ??= await SpreadDatabases.MakeAsync(server)).OpenAsync();
}

[Collection("postgres")]
public sealed class SpreadDeliveryTests(PostgresServer server) : DeliveryContract
{
    private SpreadDatabases? _databases;

    protected override async Task<IJournal> OpenAsync(TimeProvider clock) => await (_databases ??= await SpreadDatabases.MakeAsync(server)).OpenAsync(clock);
}

/// <summary>Two databases of one server that are one journal.</summary>
internal sealed class SpreadDatabases(PostgresServer server, params string[] databases)
{
    public static async Task<SpreadDatabases> MakeAsync(PostgresServer server) =>
        new(server, await server.MakeDatabaseAsync(), await server.MakeDatabaseAsync());

    public Task<SpreadJournal> OpenAsync(TimeProvider? clock = null) =>
        SpreadJournal.OpenAsync(new ShardMap([1, 0, 0, 1]), [.. databases.Select(d => Options(server.Connection(d), clock))]);

    public static PostgresJournalOptions Options(string connection, TimeProvider? clock = null) => new()
    {
        Connection = connection, Shards = 4, TakeWait = TimeSpan.FromMilliseconds(500), Clock = clock ?? TimeProvider.System,
    };
}
