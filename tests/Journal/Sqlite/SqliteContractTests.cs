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
