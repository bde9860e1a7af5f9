using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace FtpActors.Journal.Tests.Postgres;

[Collection("postgres")]
public sealed class PostgresLoginSlotTests(PostgresServer server) : LoginSlotContract
{
    private string _database = "";

    protected override async Task<(IJournal One, IJournal Two)> OpenAsync()
    {
        _database = await server.MakeDatabaseAsync();
        return (await server.OpenAsync(_database), await server.OpenAsync(_database));
    }

    // The clock is the server's, and the slots are set back instead of it forward.
    protected override Task PassAsync(TimeSpan time) => server.ExecuteAsync(_database, string.Create(CultureInfo.InvariantCulture,
        $"UPDATE login_slot SET reserved_at = reserved_at - interval '{time.TotalSeconds} s', expires_at = expires_at - interval '{time.TotalSeconds} s'"));

    [Fact]
    public async Task a_store_that_does_not_answer_is_left_in_time_and_has_reserved_nothing()
    {
        await using var journal = await server.OpenAsync(_database);
        ILoginSlots slots = journal;
        await using var blocker = new NpgsqlConnection(server.Connection(_database) + ";Pooling=false");
        await blocker.OpenAsync();
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await using var block = new NpgsqlCommand("LOCK TABLE login_slot", blocker, transaction);
            await block.ExecuteNonQueryAsync();

            var started = Stopwatch.GetTimestamp();
            await Assert.ThrowsAsync<JournalUnavailableException>(() =>
                slots.ReserveAsync(new LoginClaim("ann", "h1", "a1"), new SlotLimits(3, null, null), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200)));
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), $"{Stopwatch.GetElapsedTime(started)}");
        }
        Assert.Empty(await slots.ReadSlotsAsync(null));
    }
}
