using FtpActors.Journal.Sqlite;

namespace FtpActors.Journal.Tests.Sqlite;

/// <summary>A file that is a spool only gets rid of what has arrived elsewhere.</summary>
public sealed class SqliteDropTests : IAsyncLifetime
{
    private readonly DataFolder _folder = new();
    private SqliteJournal _spool = null!;

    public async Task InitializeAsync() => _spool = await OpenAsync();

    public async Task DisposeAsync()
    {
        await _spool.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Events_are_dropped_up_to_a_seq_and_nothing_else_is()
    {
        await _spool.AppendAsync(new SourceBatch("a", TestEvents.Range(0, 1200), [], [1, 2]));
        await _spool.AppendAsync(new SourceBatch("a", [], [new QuarantinedMessage(TestEvents.Start, "a", null, "why", [1])]));

        Assert.Equal(1100, await _spool.DropAsync(1100));
        Assert.Equal(0, await _spool.DropAsync(1100));

        Assert.Equal(new SpoolExtent(1101, 1200, TestEvents.Make(1100).ReceivedAt), await _spool.ReadExtentAsync());
        Assert.Equal(TestEvents.Range(1100, 100), (await _spool.ReadShardAsync(0, _spool.SpoolId, 1100, 500)).Select(e => e.Event));
        Assert.Equal((byte[])[1, 2], await _spool.ReadSourceStateAsync("a"));
        Assert.Single(await _spool.QueryQuarantineAsync(default).ToListAsync());
    }

    [Fact]
    public async Task Seqs_go_on_after_everything_was_dropped_also_over_a_reopen()
    {
        var offered = new List<(long Previous, long First)>();
        await _spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 10)));
        await _spool.DropAsync(long.MaxValue);
        Assert.Equal(new SpoolExtent(11, 10, null), await _spool.ReadExtentAsync());
        await _spool.DisposeAsync();
        _spool = await OpenAsync();
        _spool.Subscribe(new Told(offered));

        Assert.Equal(11, await _spool.AppendAsync(TestEvents.Batch(TestEvents.Range(10, 5))));
        Assert.Equal([(10L, 11L)], offered);
    }

    [Fact]
    public async Task The_file_uses_again_what_became_free()
    {
        await RoundsAsync(5);
        var after5 = Size();
        await RoundsAsync(25);
        Assert.True(Size() <= after5 * 3 / 2, $"{after5} bytes after 5 rounds, {Size()} after 30");
    }

    [Fact]
    public async Task Appends_go_on_while_a_million_bytes_are_dropped()
    {
        for (var i = 0; i < 10; i++)
            await _spool.AppendAsync(TestEvents.Batch(TestEvents.Range(i * 2000, 2000)));
        var dropping = _spool.DropAsync(20_000);
        var meanwhile = 0;
        do
        {
            await _spool.AppendAsync(TestEvents.Batch(TestEvents.Make(20_000 + meanwhile++)));
        }
        while (!dropping.IsCompleted);
        Assert.Equal(20_000, await dropping);
        Assert.True(meanwhile > 3, $"{meanwhile} appends");
        Assert.Equal(new SpoolExtent(20_001, 20_000 + meanwhile, TestEvents.Make(20_000).ReceivedAt), await _spool.ReadExtentAsync());
    }

    [Fact]
    public async Task Nothing_is_dropped_from_a_journal()
    {
        using var folder = new DataFolder();
        await using var journal = await folder.OpenAsync();
        await journal.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 5)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => journal.DropAsync(5));
    }

    private async Task RoundsAsync(int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            var first = await _spool.AppendAsync(TestEvents.Batch(TestEvents.Range(0, 4000)));
            await _spool.DropAsync(first + 3999);
        }
    }

    private long Size() => Directory.GetFiles(_folder.Path, "spool.db*").Sum(file => new FileInfo(file).Length);

    private Task<SqliteJournal> OpenAsync() => SqliteJournal.OpenAsync(
        new SqliteJournalOptions { Folder = _folder.Path, File = SqliteJournalOptions.SpoolFile, Host = "ftp1", Shards = 1 });

    private sealed class Told(List<(long Previous, long First)> offered) : IFreshEvents
    {
        public void Offer(int shard, long previous, IReadOnlyList<FtpActors.Protocol.StoredEvent> events) => offered.Add((previous, events[0].Seq));
    }
}
