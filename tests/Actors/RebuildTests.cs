using Akka.Actor;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.History.Tables;
using FtpActors.Actors.Reading;
using FtpActors.Actors.Rebuild;
using FtpActors.Actors.Stored;
using FtpActors.Actors.Tests.Handlers;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;
using LinqToDB;
using Microsoft.Data.Sqlite;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>Rebuilds of a real history whose rows somebody else changes.</summary>
public sealed class RebuildTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-rebuild-").FullName;
    private HandlerEngine _engine = null!;
    private HandlerJournals _journals = null!;
    private long _shipped;

    public async Task InitializeAsync()
    {
        _engine = await HandlerEngine.StartAsync(_folder, handlers: 4);
        _journals = new HandlerJournals(_engine.System, _engine.History, 4, JournalServers.One);
        await new AllHandlers(_engine.Handlers, 4).ReadyAsync(default);
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_healthy_journal_has_no_differences_also_with_disorder_duplicates_held_events_and_idle_ends()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var shift = TimeSpan.FromHours(5 * seed);
            var random = new Random(seed);
            var events = DisorderedTraffic.Disorder(DisorderedTraffic.Clean(random), random)
                .Select(e => e with { ReceivedAt = e.ReceivedAt + shift, Fingerprint = $"{seed}{e.Fingerprint}" }).ToList();
            foreach (var chunk in events.Chunk(7))
                await AppendAsync(chunk);
            await RequireHealthyAsync();
            await PassAsync(Start + shift + TimeSpan.FromMinutes(1));
        }
        // Nobody logged out of this one; a logout of another is held.
        var late = Start.AddHours(40);
        await AppendAsync([Event(EventKind.Login, 0, "idle") with { ReceivedAt = late }]);
        await AppendAsync([Event(EventKind.Logout, 0, "held", udp: true) with { ReceivedAt = late.AddHours(5) }]);
        await RequireHealthyAsync();
        await PassAsync(late.AddHours(5));
        await RequireHealthyAsync();
    }

    [Fact]
    public async Task Damaged_rows_are_reported_exactly_and_put_right_and_the_open_session_goes_on_rightly()
    {
        await AppendAsync(
        [
            Event(EventKind.Login, 0, "anna"), Event(EventKind.Upload, 10, "anna", "/a", 100), Event(EventKind.Logout, 20, "anna"),
            Event(EventKind.Login, 30, "bob"), Event(EventKind.Logout, 40, "bob"), Event(EventKind.Login, 50, "open"), Event(EventKind.Delete, 60, "open", "/x"),
        ]);
        await RequireHealthyAsync();
        Execute("UPDATE session SET uploads = 7, path = '/z' WHERE user = 'anna'");
        Execute("UPDATE session SET deletes = 9 WHERE user = 'open'");
        Execute("CREATE TEMP TABLE copy AS SELECT * FROM session WHERE user = 'bob'; UPDATE copy SET id = 'deadbeefdeadbeef-1'; INSERT INTO session SELECT * FROM copy;");
        Execute("DELETE FROM session WHERE user = 'bob' AND id <> 'deadbeefdeadbeef-1'");
        SumAnew();

        var found = await RebuildAsync(apply: false);
        Assert.Equal((1, 1, 2, false), (found.Missing, found.Extra, found.Different, found.Applied));
        Assert.Contains(found.First, d => d is { Id: "deadbeefdeadbeef-1", Kind: "extra" });
        Assert.Equal(["path", "uploads"], found.First.Where(d => d.Kind == "different").SelectMany(d => d.Fields).Where(f => f.Stored is "7" or "/z").Select(f => f.Field).Order());

        var put = await RebuildAsync(apply: true);
        Assert.Equal((1, 1, 2, true), (put.Missing, put.Extra, put.Different, put.Applied));
        await RequireHealthyAsync();

        await AppendAsync([Event(EventKind.Delete, 70, "open", "/y"), Event(EventKind.Logout, 80, "open")]);
        await RequireHealthyAsync();
        var open = await SessionAsync("open");
        Assert.Equal((2, SessionEnded.Logout), (open.Deletes, open.Ended!.Value));
    }

    private Task<RebuildReport> RebuildAsync(bool apply) => new HistoryRebuild(_journals, _engine.History, new ShardOptions()).RunAsync(apply, null, default);

    private async Task AppendAsync(IEnumerable<FtpEvent> events)
    {
        var batch = events.ToList();
        await _engine.ShipAsync(batch, _shipped + 1);
        _shipped += batch.Count;
        await _engine.CalmAsync();
    }

    // What the spool's sources have held back is over.
    private async Task PassAsync(DateTimeOffset horizon)
    {
        for (var handler = 0; handler < 4; handler++)
        {
            var stand = await _engine.AskAsync<EventsStand>(new AskPosition(handler, HandlerEngine.Spool));
            _engine.Handlers.Tell(new TakeEvents(handler, HandlerEngine.Spool, "ftp1", stand.Seq, [], horizon), ActorRefs.NoSender);
        }
        await _engine.CalmAsync();
    }

    private async Task RequireHealthyAsync()
    {
        var report = await RebuildAsync(apply: false);
        Assert.True(report.Sessions > 0 || report.Events < 5);
        Assert.Empty(report.First.SelectMany(d => d.Fields.Select(f => $"{d.Id} {d.Kind} {f}").DefaultIfEmpty($"{d.Id} {d.Kind}")));
    }

    private async Task<SessionRecord> SessionAsync(string user) => (await _engine.SessionsAsync()).First(s => s.User == user);

    // As if this program itself had written them so: a row whose checksum does not fit is in no answer at all.
    private void SumAnew()
    {
        using var history = new SqliteHistory(Path.Combine(_folder, "history.db")).OpenWriter();
        foreach (var row in history.GetTable<SessionRow>().ToList())
        {
            history.GetTable<SessionRow>().Where(s => s.Id == row.Id)
                .Set(s => s.Sum, RowSum<SessionRow>.Of(row)).Set(s => s.FixedSum, RowSum<SessionRow>.OfFixed(row)).Update();
        }
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "history.db")};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
