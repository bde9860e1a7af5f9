using FtpActors.Journal.Sqlite;

namespace FtpActors.Journal.Tests.Sqlite;

public sealed class SqliteLoginSlotTests : LoginSlotContract
{
    private readonly DataFolder _folder = new();
    private readonly ManualClock _clock = new();

    // A file has one node, so both are the same.
    protected override async Task<(IJournal One, IJournal Two)> OpenAsync()
    {
        var journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = _folder.Path, Host = "ftp1", Shards = 4, Clock = _clock });
        return (journal, journal);
    }

    protected override Task PassAsync(TimeSpan time)
    {
        _clock.Now += time;
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
