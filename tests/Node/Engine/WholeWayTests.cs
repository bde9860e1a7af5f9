using FtpActors.Actors;
using FtpActors.Actors.History;
using FtpActors.Ingest;
using FtpActors.Protocol;

namespace FtpActors.Node.Tests.Engine;

/// <summary>The way of an event from the spool to the history, on real SQLite files.</summary>
public sealed class WholeWayTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-engine-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_sources_append_is_counted_exactly_once_whatever_ends_in_between()
    {
        var events = Enumerable.Range(0, 500).SelectMany(i => Session($"user{i}")).ToList();
        await using (var node = await Alone.StartAsync(_folder))
        {
            // Ended while it ships.
            for (var i = 0; i < 1500; i += 30)
                await node.Spool.AppendAsync(new SourceBatch("src", events[i..(i + 30)], [], BitConverter.GetBytes(i)));
        }
        await using (var node = await Alone.StartAsync(_folder))
        {
            Assert.Equal(1470, BitConverter.ToInt32(await node.Spool.ReadSourceStateAsync("src")));
            Assert.Equal(1501, await node.Spool.AppendAsync(new SourceBatch("src", [Event(EventKind.Login, "late")], [])));
            await node.CalmAsync();
            var sessions = await node.History.QuerySessionsAsync(new SessionQuery()).ToListAsync();
            Assert.Equal(501, sessions.Count);
            Assert.All(sessions.Where(s => s.User != "late"), s => Assert.Equal((SessionEnded.Logout, 1, 7L), (s.Ended, s.Uploads, s.BytesUp)));
            Assert.Equal(500, await node.History.QueryOperationsAsync(new OperationQuery()).CountAsync());
        }
    }

    [Fact]
    public async Task Shipped_rows_leave_the_spool_and_its_bookmarks_stay()
    {
        await using (var node = await Alone.StartAsync(_folder))
        {
            await Alone.Until(async () =>
            {
                await node.Spool.AppendAsync(new SourceBatch("src", Session("anna"), [], [1, 2, 3]));
                return FirstSpooledRow() > 1;
            });
        }
        await using (var node = await Alone.StartAsync(_folder))
        {
            Assert.Equal([1, 2, 3], await node.Spool.ReadSourceStateAsync("src"));
            await node.CalmAsync();
        }
    }

    [Fact]
    public async Task A_batch_that_is_handed_over_again_is_stored_once_and_one_that_only_looks_the_same_is_stored_too()
    {
        await using var node = await Alone.StartAsync(_folder);
        var batch = new SourceBatch("src", Session("anna"), []);
        var seqs = await Task.WhenAll(node.Spool.AppendAsync(batch), node.Spool.AppendAsync(batch), node.Spool.AppendAsync(batch));
        Assert.All(seqs, seq => Assert.Equal(1, seq));
        Assert.Equal(1, await node.Spool.AppendAsync(batch));
        Assert.Equal(4, await node.Spool.AppendAsync(batch with { }));
        Assert.Equal(6, (await node.Spool.ReadStatusAsync()).LastSeq);
    }

    [Fact]
    public async Task What_could_not_be_decoded_is_kept_and_is_an_event_when_it_is_released()
    {
        await using var node = await Alone.StartAsync(_folder);
        await node.Spool.AppendAsync(new SourceBatch("src", [], [new QuarantinedMessage(Start, "src", "type 1", "no idea", [0, 255, 10])]));
        await Alone.Until(async () => await node.Quarantine.QueryAsync(0, default).AnyAsync());
        var entry = await node.Quarantine.QueryAsync(0, default).SingleAsync();
        Assert.Equal(("no idea", "00FF0A"), (entry.Message.Reason, Convert.ToHexString(entry.Message.Bytes)));

        Assert.True(await node.Spool.ReleaseQuarantineAsync(entry.Id, Event(EventKind.Login, "anna")));
        Assert.False(await node.Spool.ReleaseQuarantineAsync(entry.Id, Event(EventKind.Login, "anna")));
        await node.CalmAsync();
        Assert.Equal("anna", (await node.History.QuerySessionsAsync(new SessionQuery()).SingleAsync()).User);
        Assert.Empty(await node.Quarantine.QueryAsync(0, default).ToListAsync());
    }

    [Fact]
    public async Task An_upload_that_is_renamed_after_a_restart_has_its_final_name()
    {
        await using (var node = await Alone.StartAsync(_folder))
            await node.Spool.AppendAsync(new SourceBatch("src", [Event(EventKind.Login, "anna"), Event(EventKind.Upload, "anna", "/a.part")], []));
        await using (var node = await Alone.StartAsync(_folder))
        {
            await node.Spool.AppendAsync(new SourceBatch("src", [Event(EventKind.Rename, "anna", "/a.part") with { PathTo = "/a" }], []));
            await node.CalmAsync();
            Assert.Equal("/a.part", (await node.History.QueryOperationsAsync(new OperationQuery { Path = "/a", Kind = EventKind.Upload }).SingleAsync()).PathFrom);
        }
    }

    private static FtpEvent Event(EventKind kind, string user, string? path = null) => new()
    {
        ReceivedAt = Start, Kind = kind, Host = "ftp1", Source = "src", Service = "site", User = user, RemoteHost = "10.0.0.1", Path = path, Bytes = path is null ? null : 7,
        Status = EventStatus.Ok,
    };

    private static List<FtpEvent> Session(string user) => [Event(EventKind.Login, user), Event(EventKind.Upload, user, "/a"), Event(EventKind.Logout, user)];

    private long FirstSpooledRow()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, "spool.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT min(sequence_number) FROM journal";
        return (long)command.ExecuteScalar()!;
    }
}
