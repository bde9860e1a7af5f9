namespace FtpActors.Tests.Shared;

/// <summary>The one PostgreSQL that the classes of a test project share, each with databases of its own; no test may stop it. It ends with the process.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private static readonly Lazy<Task<PostgresServer>> TheServer = new(() => PostgresServer.StartAsync());

    public PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TheServer.Value;

    public Task DisposeAsync() => Task.CompletedTask;
}
