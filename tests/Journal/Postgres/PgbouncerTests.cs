using System.Diagnostics;
using FtpActors.Journal.Postgres;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>A real pgbouncer between a node and its journal is found out in every mode, also where nothing else would give it away.</summary>
[Collection("postgres")]
public sealed class PgbouncerTests(PostgresServer server)
{
    [Theory]
    [InlineData("session", false)]
    [InlineData("session", true)]
    [InlineData("transaction", false)]
    [InlineData("transaction", true)]
    [InlineData("statement", true)]
    public async Task pgbouncer_is_refused_at_the_opening_and_where_it_has_slipped_in_later(string mode, bool ignoresOptions)
    {
        var database = await server.MakeDatabaseAsync();
        var port = PostgresServer.FreePort();
        var folder = Directory.CreateTempSubdirectory("ftpactors-pgbouncer-");
        // It gives up being root, and reads its settings after that.
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        var settings = Path.Combine(folder.FullName, "pgbouncer.ini");
        await File.WriteAllTextAsync(settings, $"""
            [databases]
            {database} = host=127.0.0.1 port={server.Port} user=ftpactors
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            ignore_startup_parameters = extra_float_digits{(ignoresOptions ? ",options" : "")}
            """);
        using var pooler = PostgresServer.Unprivileged("/usr/sbin/pgbouncer", "-q", settings);
        try
        {
            var through = new NpgsqlConnectionStringBuilder(server.Connection(database)) { Port = port, Pooling = false }.ConnectionString;
            await Eventually.IsTrueAsync(() => AnswersAsync(through, pooler), "pgbouncer answered");

            var refused = await Assert.ThrowsAsync<JournalUnusableException>(() => PostgresJournal.OpenAsync(OwnServer.Options(through)));
            Assert.Contains("connection pooler", refused.Message, StringComparison.Ordinal);

            await using var relay = new Relay(server.Port);
            await using var journal = await PostgresJournal.OpenAsync(OwnServer.Options(
                new NpgsqlConnectionStringBuilder(through) { Port = relay.Port, Pooling = true }.ConnectionString));
            relay.Target = port;
            refused = await Assert.ThrowsAsync<JournalUnusableException>(() => journal.TakeShardAsync(1, "me"));
            Assert.Contains("connection pooler", refused.Message, StringComparison.Ordinal);
            Assert.Equal(0, await server.ReadAsync<long>(database, "SELECT epoch FROM shard WHERE id = 1"));
        }
        finally
        {
            pooler.Kill();
            await pooler.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> AnswersAsync(string connection, Process pooler)
    {
        Assert.False(pooler.HasExited, "pgbouncer ended by itself. Is it installed? apt-get install pgbouncer");
        try
        {
            await using var trial = new NpgsqlConnection(connection);
            await trial.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }
}
