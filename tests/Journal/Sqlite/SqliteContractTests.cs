using FtpActors.Journal.Sqlite;

namespace FtpActors.Journal.Tests.Sqlite;

public sealed class SqliteJournalTests : JournalContract
{
    private readonly DataFolder _folder = new();

    protected override async Task<IJournal> OpenAsync() => await _folder.OpenAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class SqliteSpoolTests : SpoolContract
{
    private readonly DataFolder _folder = new();

    protected override async Task<IJournal> OpenAsync() => await _folder.OpenAsync();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class SqliteSpoolFileTests : SpoolContract
{
    private readonly DataFolder _folder = new();

    protected override async Task<IJournal> OpenAsync() => await SqliteJournal.OpenAsync(
        new SqliteJournalOptions
        {
            Folder = _folder.Path, File = SqliteJournalOptions.SpoolFile, Host = "ftp1", Shards = 1,
        });

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }
}
