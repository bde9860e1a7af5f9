using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Reading;
using FtpActors.Actors.Replay;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Stored;
using FtpActors.Actors.Tests.Handlers;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;
using Microsoft.Extensions.Logging.Abstractions;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>Replays over real handlers with a real journal; nothing that they make is run.</summary>
public sealed class ReplayTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-replay-").FullName;
    private HandlerEngine _engine = null!;
    private Replays _replays = null!;
    private long _shipped;

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_replay_makes_each_delivery_of_its_time_once_marked_with_its_id_and_in_the_order_of_the_events()
    {
        await AppendAsync(Enumerable.Range(0, 1500).Select(i => Event(EventKind.Upload, i, user: $"u{i % 3}", path: $"/in/{i}.dat", bytes: i)));
        await using var desk = Desk(Uploads("uploads"));
        var done = await EndAsync(desk, await desk.BeginAsync(Query(Start.AddMilliseconds(100), Start.AddMilliseconds(1400))));

        Assert.Equal((ReplayState.Done, 1300, 1300), (done.State, done.Matched, done.Made));
        var made = await MadeAsync();
        Assert.Equal(1300, made.Select(d => d.Delivery.Key).Distinct().Count());
        Assert.All(made, d => Assert.Equal(done.Id, d.Delivery.Replay));
        foreach (var line in made.GroupBy(d => d.Delivery.Session))
        {
            var seqs = line.OrderBy(d => d.Id).Select(d => Facts.Parse(System.Text.Encoding.UTF8.GetBytes(d.Delivery.Facts)).Values["seq"]).Cast<long>().ToList();
            Assert.Equal(seqs.Order(), seqs);
        }
        Assert.Equal(3, made.Select(d => d.Delivery.Session).Distinct().Count());
    }

    [Fact]
    public async Task A_replay_that_was_interrupted_goes_on_at_the_next_start_and_makes_nothing_twice()
    {
        const int events = 30_000;
        foreach (var chunk in Enumerable.Range(0, events).Chunk(5000))
            await AppendAsync(chunk.Select(i => Event(EventKind.Upload, i, user: $"u{i % 50}", path: $"/in/{i}.dat", bytes: i)));
        string id;
        await using (var desk = Desk(Uploads("uploads")))
        {
            var progress = await desk.BeginAsync(Query(Start, Start.AddHours(1)));
            id = progress.Id;
            while (progress is { Made: 0, State: ReplayState.Running })
                progress = await desk.FindAsync(id);
        }
        Assert.Equal(ReplayState.Running, (await _replays.ReadAsync(id))!.State);
        Assert.InRange((await MadeAsync()).Count, 1, events - 1);
        await _engine.DisposeAsync();

        await StartAsync();
        await using var next = Desk(Uploads("uploads"), Uploads("came-later"));
        await next.StartAsync();
        var done = await EndAsync(next, await next.FindAsync(id));
        Assert.Equal((events, events), (done.Made, (await MadeAsync()).Count));
        Assert.Equal(events, (await MadeAsync()).Select(d => d.Delivery.Key).Distinct().Count());
    }

    [Fact]
    public async Task A_dry_run_counts_by_rule_and_makes_nothing()
    {
        await AppendAsync(Enumerable.Range(0, 100).Select(i => Event(EventKind.Upload, i, path: i % 2 == 0 ? "/a.avi" : "/b.txt")));
        await using var desk = Desk(Uploads("all"), Uploads("films") with { Path = [Glob.ForPath("*.avi")] });
        var done = await EndAsync(desk, await desk.BeginAsync(Query(Start, Start.AddHours(1)) with { DryRun = true }));
        Assert.Equal((100, 50, 0), (done.Rules["all"], done.Rules["films"], done.Made));
        Assert.Empty(await MadeAsync());
    }

    [Fact]
    public async Task Filters_and_duplicates_of_UDP_leave_out_what_they_should()
    {
        var upload = Event(EventKind.Upload, 0, path: "/a", bytes: 7, time: Start, seconds: 0.01, udp: true);
        await AppendAsync(
        [
            upload, upload with { ReceivedAt = Start.AddMilliseconds(120) }, Event(EventKind.Upload, 200, user: "bob", path: "/a"),
            Event(EventKind.Upload, 300, path: "/b"), Event(EventKind.Delete, 400, path: "/a"),
        ]);
        await using var desk = Desk(Uploads("uploads"), Uploads("deletes") with { On = [TriggerKind.Delete] });
        var done = await EndAsync(desk, await desk.BeginAsync(Query(Start, Start.AddHours(1)) with { User = "an*", Path = "/a", Kind = "upload" }));
        Assert.Equal((1, 1), (done.Matched, done.Made));

        // The first copy lies before the time of the replay: the second is still one.
        var late = await EndAsync(desk, await desk.BeginAsync(Query(Start.AddMilliseconds(100), Start.AddHours(1)) with { User = "anna", Rule = "uploads", Path = "/a" }));
        Assert.Equal(0, late.Matched);
    }

    [Fact]
    public async Task Rules_for_sessions_are_replayed_over_stored_sessions_with_their_files()
    {
        await AppendAsync(
        [
            Event(EventKind.Login, 0), Event(EventKind.Upload, 10, path: "/a"), Event(EventKind.Upload, 20, path: "/b"), Event(EventKind.Logout, 30),
            Event(EventKind.Login, 40, user: "bob"), Event(EventKind.Logout, 50, user: "bob"),
        ]);
        var end = Uploads("batch") with { On = [TriggerKind.SessionEnd], Path = [Glob.ForPath("/*")] };
        await using var desk = Desk(end, Uploads("hello") with { On = [TriggerKind.SessionStart] });
        var done = await EndAsync(desk, await desk.BeginAsync(Query(Start, Start.AddHours(1))));
        Assert.Equal((3, 1, 2), (done.Made, done.Rules["batch"], done.Rules["hello"]));
        var batch = Assert.Single(await MadeAsync(), d => d.Delivery.Rule == "batch");
        Assert.Contains("\"/a\"", batch.Delivery.Facts, StringComparison.Ordinal);
        Assert.Contains("\"/b\"", batch.Delivery.Facts, StringComparison.Ordinal);

        // Once more on the same replay makes nothing twice.
        await _replays.PutAsync((await _replays.ReadAsync(done.Id))! with { State = ReplayState.Running });
        await using var again = Desk(end, Uploads("hello") with { On = [TriggerKind.SessionStart] });
        await again.StartAsync();
        Assert.Equal(3, (await EndAsync(again, await again.FindAsync(done.Id))).Made);
    }

    [Fact]
    public async Task A_rule_that_vanished_is_told_and_an_unknown_one_is_refused()
    {
        await AppendAsync([Event(EventKind.Upload, 0, path: "/a")]);
        var query = Query(Start, Start.AddHours(1)) with { Rules = ["gone", "uploads"] };
        await _replays.PutAsync(new ReplayRecord("r1", query.ToJson(), ReplayState.Running, Start, 0, 0, 0));
        await using var desk = Desk(Uploads("uploads"));
        await desk.StartAsync();
        var done = await EndAsync(desk, await desk.FindAsync("r1"));
        Assert.Equal(["gone"], done.MissingRules);
        Assert.Equal(1, done.Made);
        var refused = await Assert.ThrowsAsync<ReplayRefusedException>(() => desk.BeginAsync(query with { Rule = "upload" }));
        Assert.Contains("uploads", refused.Message, StringComparison.Ordinal);
    }

    private static ReplayQuery Query(DateTimeOffset since, DateTimeOffset until) => new() { Since = since, Until = until };

    private static Rule Uploads(string name) => new() { Name = name, On = [TriggerKind.Upload], Actions = [new FileAction("/dev/null")] };

    private async Task StartAsync()
    {
        _engine = await HandlerEngine.StartAsync(_folder, handlers: 4, parallel: 0);
        _replays = new Replays(_engine.System.ActorOf(ReplaysActor.Props(null), "replays"));
        await new AllHandlers(_engine.Handlers, 4).ReadyAsync(default);
    }

    private ReplayDesk Desk(params Rule[] rules) => new(
        _replays,
        new ReplayContext(new HandlerJournals(_engine.System, _engine.History, 4, JournalServers.One), _engine.History, new AllHandlers(_engine.Handlers, 4), new ShardOptions(), TimeProvider.System),
        new RuleBook(new RuleSet(rules), null), NullLoggerFactory.Instance);

    private async Task AppendAsync(IEnumerable<FtpEvent> events)
    {
        var batch = events.ToList();
        await _engine.ShipAsync(batch, _shipped + 1);
        _shipped += batch.Count;
        await _engine.CalmAsync();
    }

    private static async Task<ReplayProgress> EndAsync(ReplayDesk desk, ReplayProgress progress)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (progress is { State: ReplayState.Running, Problem: null })
        {
            await Task.Delay(5, limit.Token);
            progress = await desk.FindAsync(progress.Id);
        }
        Assert.Null(progress.Problem);
        return progress;
    }

    private async Task<IReadOnlyList<DeliveryRecord>> MadeAsync()
    {
        await _engine.CalmAsync();
        return await _engine.DeliveriesAsync();
    }
}
