using FtpActors.Protocol;

namespace FtpActors.Journal.Tests;

public abstract partial class JournalContract
{
    [Fact]
    public async Task events_are_listed_by_spool_and_seq_over_all_shards()
    {
        await Journal.AppendAsync("b-spool", "ftp1", 0, TestEvents.Range(0, 1200));
        await Journal.AppendAsync("a-spool", "ftp1", 0, TestEvents.Range(0, 1200));

        var listed = await Journal.QueryEventsAsync(new EventQuery(), default).ToListAsync();

        Assert.Equal(2400, listed.Count);
        Assert.Equal(listed.OrderBy(e => e.Spool, StringComparer.Ordinal).ThenBy(e => e.Seq), listed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1205)]
    [InlineData(99999)]
    public async Task the_last_n_events_that_fit_come_oldest_first(int last)
    {
        await Journal.AppendAsync("a-spool", "ftp1", 0, TestEvents.Range(0, 1200));
        await Journal.AppendAsync("b-spool", "ftp1", 0, TestEvents.Range(0, 10));
        var uploads = (await Journal.QueryEventsAsync(new EventQuery { Kind = EventKind.Upload }, default).ToListAsync());

        var listed = await Journal.QueryEventsAsync(new EventQuery { Kind = EventKind.Upload, Last = last }, default).ToListAsync();

        Assert.Equal(uploads.TakeLast(last), listed);
    }

    [Fact]
    public async Task events_are_filtered_by_time_kind_user_path_and_seq()
    {
        await Journal.AppendAsync(Spool, "ftp1", 0, TestEvents.Range(0, 100));

        Assert.Equal([11, 12], await Listed(new EventQuery { Since = TestEvents.Start.AddSeconds(10), Until = TestEvents.Start.AddSeconds(12) }));
        Assert.Equal(34, (await Listed(new EventQuery { Kind = EventKind.Download })).Count);
        Assert.Equal([5, 15], (await Listed(new EventQuery { User = "user4" })).Take(2));
        Assert.Equal(100, (await Listed(new EventQuery { User = "user*" })).Count);
        Assert.Equal([8, 18, 28, 38, 48, 58, 68, 78, 88, 98], await Listed(new EventQuery { Path = "/in/*7.dat" }));
        Assert.Equal([98], await Listed(new EventQuery { Path = "/in/97.dat" }));
        Assert.Empty(await Listed(new EventQuery { Path = "/IN/97.dat" }));
        Assert.Equal([99, 100], await Listed(new EventQuery { After = new Dictionary<string, long> { [Spool] = 98 } }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(100)]
    public async Task a_reader_has_a_position_in_every_spool_and_a_spool_without_one_is_read_from_its_beginning(int? last)
    {
        await Journal.AppendAsync("a-spool", "ftp1", 0, TestEvents.Range(0, 700));
        await Journal.AppendAsync("b-spool", "ftp2", 0, TestEvents.Range(0, 3));
        await Journal.AppendAsync("c-spool", "ftp3", 0, TestEvents.Range(0, 10));
        var positions = new Dictionary<string, long> { ["a-spool"] = 697, ["c-spool"] = 10, ["gone"] = 4 };

        var listed = await Journal.QueryEventsAsync(new EventQuery { After = positions, Last = last }, default).ToListAsync();

        List<(string, long)> all = [("a-spool", 698), ("a-spool", 699), ("a-spool", 700), ("b-spool", 1), ("b-spool", 2), ("b-spool", 3)];
        Assert.Equal(all.TakeLast(last ?? 100), listed.Select(e => (e.Spool, e.Seq)));
    }

    [Fact]
    public async Task an_append_to_a_shard_that_nobody_owns_rings()
    {
        // Not disposed: the bell may ring until the journal is closed.
        var rung = new SemaphoreSlim(0);
        Journal.OnAppend(() => rung.Release());

        for (var i = 0; i < 3; i++)
        {
            while (rung.Wait(0))
                continue;
            await Journal.AppendAsync(Spool, "ftp1", i, TestEvents.Range(i, 1));
            Assert.True(await rung.WaitAsync(TimeSpan.FromSeconds(30)));
        }
    }

    [Theory]
    [InlineData("a?c", "abc")]
    [InlineData("[ab]", "a")]
    [InlineData("[", "x")]
    [InlineData("a]b", "ab")]
    [InlineData("100%", "1000")]
    [InlineData("a_c", "abc")]
    [InlineData("' OR 1=1 --", "x")]
    [InlineData("\\\\*", "x")]
    [InlineData("{a}|(b)+.$^", "a")]
    public async Task only_a_star_is_special_in_a_filter(string hostile, string other)
    {
        await Journal.AppendAsync(Spool, "ftp1", 0,
        [
            TestEvents.Make(0) with { User = hostile, Path = "/d/" + hostile + "/f" },
            TestEvents.Make(1) with { User = other, Path = "/d/" + other + "/f" },
        ]);
        var lease = await Journal.TakeShardAsync(0, "me");
        var (session, another) = (TestEvents.Session("x-1"), TestEvents.Session("x-2"));
        (session.User, another.User) = (hostile, other);
        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [], [session, another], 0, 0));

        Assert.Equal([1], await Listed(new EventQuery { User = hostile }));
        Assert.Equal([1], await Listed(new EventQuery { Path = "*/" + hostile + "/*" }));
        Assert.Equal(["x-1"], await ListedSessions(new SessionQuery { User = hostile }));
    }

    [Fact]
    public async Task sessions_are_listed_by_opening_and_filtered()
    {
        var lease = await Journal.TakeShardAsync(0, "me");
        var sessions = Enumerable.Range(0, 1300).Select(i => TestEvents.Session($"x-{i:0000}", minute: 1299 - i)).ToList();
        foreach (var closed in sessions.Where((_, i) => i % 2 == 0))
            (closed.ClosedAt, closed.State, closed.Ended) = (closed.OpenedAt.AddMinutes(10), SessionState.Closed, SessionEnded.Logout);
        sessions[7].User = "bob";
        await Journal.CommitAsync(new ShardStep(0, lease.Epoch, [], sessions, 0, 0));
        var ordered = sessions.OrderBy(s => s.OpenedAt).ToList();

        Assert.Equal(ordered.Select(s => s.Id), await ListedSessions(new SessionQuery()));
        Assert.Equal(ordered.Where(s => s.ClosedAt is null).Select(s => s.Id), await ListedSessions(new SessionQuery { Open = true }));
        Assert.Equal(ordered.Where(s => s.ClosedAt is not null).TakeLast(3).Select(s => s.Id),
            await ListedSessions(new SessionQuery { Open = false, Last = 3 }));
        Assert.Equal(ordered.TakeLast(700).Select(s => s.Id), await ListedSessions(new SessionQuery { Last = 700 }));
        Assert.Equal(["x-0007"], await ListedSessions(new SessionQuery { User = "b*b" }));
        Assert.Equal(1300, (await ListedSessions(new SessionQuery { Host = "ftp*" })).Count);
        Assert.Empty(await ListedSessions(new SessionQuery { Host = "ftp" }));
        Assert.Equal(["x-1298"], await ListedSessions(
            new SessionQuery { Since = TestEvents.Start.AddMinutes(1), Until = TestEvents.Start.AddMinutes(2) }));
    }

    [Fact]
    public async Task open_sessions_are_counted_over_all_shards_and_hosts()
    {
        var first = await Journal.TakeShardAsync(0, "me");
        var second = await Journal.TakeShardAsync(1, "me");
        await Journal.CommitAsync(new ShardStep(0, first.Epoch, [], [Open("x-1", "ftp1", "ann"), Open("x-2", "ftp2", "ann", SessionState.Uploading)], 0, 0));
        var closed = Open("x-4", "ftp1", "bob");
        (closed.ClosedAt, closed.State, closed.Ended) = (TestEvents.Start.AddMinutes(1), SessionState.Closed, SessionEnded.Logout);
        await Journal.CommitAsync(new ShardStep(1, second.Epoch, [],
            [Open("x-3", "ftp2", "*'\"%", SessionState.Downloading), closed, Open("x-5", "ftp2", "Bob"), Open("x-6", "ftp2", "ann")], 0, 0));

        Assert.Equal(
            [new("ann", 3, 1, 0), new("*'\"%", 1, 0, 1), new("Bob", 1, 0, 0)], await Journal.CountOpenSessionsAsync(SessionGroup.User, null, null, default));
        Assert.Equal([new("ftp2", 4, 1, 1), new OpenSessions("ftp1", 1, 0, 0)], await Journal.CountOpenSessionsAsync(SessionGroup.Host, null, null, default));
        Assert.Equal([new OpenSessions("192.0.2.1", 5, 1, 1)], await Journal.CountOpenSessionsAsync(SessionGroup.Remote, null, null, default));
        Assert.Equal([new OpenSessions("ann", 2, 1, 0)], await Journal.CountOpenSessionsAsync(SessionGroup.User, "a*", "ftp2", default));
        Assert.Empty(await Journal.CountOpenSessionsAsync(SessionGroup.User, "bob", null, default));
    }

    private static SessionRecord Open(string id, string host, string user, SessionState state = SessionState.Idle) => new()
    {
        Id = id, Key = new SessionKey(host, "", user, "192.0.2.1", ""), User = user, RemoteHost = "192.0.2.1", State = state,
        OpenedAt = TestEvents.Start, LastAt = TestEvents.Start, Began = SessionBegan.Login,
    };

    private async Task<List<long>> Listed(EventQuery query) =>
        [.. (await Journal.QueryEventsAsync(query, default).ToListAsync()).Select(e => e.Seq)];

    private async Task<List<string>> ListedSessions(SessionQuery query) =>
        [.. (await Journal.QuerySessionsAsync(query, default).ToListAsync()).Select(s => s.Id)];
}
