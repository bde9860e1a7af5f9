namespace FtpActors.Journal.Tests.Postgres;

[Collection("postgres")]
public sealed class PostgresJournalTests(PostgresServer server) : JournalContract
{
    private string? _database;

    protected override async Task<IJournal> OpenAsync() => await server.OpenAsync(_database ??= await server.MakeDatabaseAsync());
}

[Collection("postgres")]
public sealed class PostgresDeliveryTests(PostgresServer server) : DeliveryContract
{
    private string? _database;

    protected override async Task<IJournal> OpenAsync(TimeProvider clock) =>
        await server.OpenAsync(_database ??= await server.MakeDatabaseAsync(), clock);
}
