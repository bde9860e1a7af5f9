using FtpActors.Actors.History;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests.History;

public abstract class HistoryQueryTests : HistoryFacts
{
    [Fact]
    public async Task sessions_are_listed_by_opening_and_filtered()
    {
        var sessions = Enumerable.Range(0, 1300).Select(i => Session($"x-{i:0000}", minute: 1299 - i)).ToList();
        foreach (var closed in sessions.Where((_, i) => i % 2 == 0))
            Ended(closed);
        sessions[7].User = "bob";
        await Database.WriteAsync([Item(1, sessions)]);
        var ordered = sessions.OrderBy(s => s.OpenedAt).ToList();

        Assert.Equal(ordered.Select(s => s.Id), await SessionsAsync());
        Assert.Equal(ordered.Where(s => s.ClosedAt is null).Select(s => s.Id), await SessionsAsync(new SessionQuery { Open = true }));
        Assert.Equal(
            ordered.Where(s => s.ClosedAt is not null).TakeLast(3).Select(s => s.Id), await SessionsAsync(new SessionQuery { Open = false, Last = 3 }));
        foreach (var last in new[] { 0, 1, 500, 700, 9999 })
            Assert.Equal(ordered.TakeLast(last).Select(s => s.Id), await SessionsAsync(new SessionQuery { Last = last }));
        Assert.Equal(["x-0007"], await SessionsAsync(new SessionQuery { User = "b*b" }));
        Assert.Equal(1300, (await SessionsAsync(new SessionQuery { Host = "ftp*" })).Count);
        Assert.Empty(await SessionsAsync(new SessionQuery { Host = "ftp" }));
        Assert.Empty(await SessionsAsync(new SessionQuery { Host = "FTP*" }));
        Assert.Equal(["x-1298"], await SessionsAsync(new SessionQuery { Since = Start.AddMinutes(1), Until = Start.AddMinutes(2) }));
    }

    [Fact]
    public async Task open_sessions_are_counted_by_user_host_and_client()
    {
        var (uploading, downloading) = (Session("x-2", user: "ann", host: "ftp2"), Session("x-3", user: "*'\"%", host: "ftp2"));
        (uploading.State, downloading.State) = (SessionState.Uploading, SessionState.Downloading);
        await Database.WriteAsync([Item(1, Session("x-1"), uploading, downloading, Ended(Session("x-4")), Session("x-5", 0, "Bob", "ftp2"), Session("x-6", 0, "ann", "ftp2"))]);

        Assert.Equal([new("ann", 3, 1, 0), new("*'\"%", 1, 0, 1), new("Bob", 1, 0, 0)], await Database.CountOpenSessionsAsync(SessionGroup.User, null, null));
        Assert.Equal([new("ftp2", 4, 1, 1), new OpenSessions("ftp1", 1, 0, 0)], await Database.CountOpenSessionsAsync(SessionGroup.Host, null, null));
        Assert.Equal([new OpenSessions("192.0.2.1", 5, 1, 1)], await Database.CountOpenSessionsAsync(SessionGroup.Remote, null, null));
        Assert.Equal([new OpenSessions("ann", 2, 1, 0)], await Database.CountOpenSessionsAsync(SessionGroup.User, "a*", "ftp2"));
        Assert.Empty(await Database.CountOpenSessionsAsync(SessionGroup.User, "bob", null));
    }

    [Theory]
    [InlineData("a?c", "abc")]
    [InlineData("[ab]", "a")]
    [InlineData("[", "x")]
    [InlineData("a]b", "ab")]
    [InlineData("100%", "1000")]
    [InlineData("a_c", "abc")]
    [InlineData("' OR 1=1 --", "x")]
    [InlineData("\"; DROP TABLE session; --", "x")]
    [InlineData("\\\\*", "x")]
    [InlineData("{a}|(b)+.$^", "a")]
    [InlineData(@"nul\x00bad\xFF", @"nul\x00bad\xFE")]
    [InlineData("\u00e9\U0001F4C1\n", "e")]
    public async Task only_a_star_is_special_in_a_filter_and_hostile_names_come_back_whole(string hostile, string other)
    {
        await Database.WriteAsync([Item(1, Session("x-1", user: hostile), Session("x-2", user: other)) with
        {
            Operations = [Operation(1, "/d/" + hostile + "/f", user: hostile), Operation(2, "/d/" + other + "/f", user: other)],
        }]);

        Assert.Equal(["x-1"], await SessionsAsync(new SessionQuery { User = hostile }));
        Assert.Equal([1], await OperationsAsync(new OperationQuery { User = hostile }));
        Assert.Equal([1], await OperationsAsync(new OperationQuery { Path = "*/" + hostile + "/*" }));
        Assert.Equal("/d/" + hostile + "/f", (await Database.QueryOperationsAsync(new OperationQuery { Last = 2 }).ToListAsync())[0].Path);
    }

    [Fact]
    public async Task operations_are_listed_as_received_and_filtered()
    {
        var operations = Enumerable.Range(1, 1200)
            .Select(i => Operation(i, $"/in/{i}.dat", i % 3 == 0 ? EventKind.Download : EventKind.Upload, $"user{i % 10}", i % 2 == 0 ? "s-1" : null)).ToList();
        operations.Add(Operation(1201, "/in/tmp", EventKind.Rename) with { PathTo = "/in/final", Host = "ftp9" });
        await Database.WriteAsync([new HistoryItem(0, 1) { Operations = operations }]);

        Assert.Equal(Enumerable.Range(1, 1201).Select(i => (long)i), await OperationsAsync());
        Assert.Equal([1200, 1201], await OperationsAsync(new OperationQuery { Last = 2 }));
        Assert.Equal([10, 11], await OperationsAsync(new OperationQuery { Since = Start.AddSeconds(10), Until = Start.AddSeconds(12) }));
        Assert.Equal(400, (await OperationsAsync(new OperationQuery { Kind = EventKind.Download })).Count);
        Assert.Equal([4, 14], (await OperationsAsync(new OperationQuery { User = "user4" })).Take(2));
        Assert.Equal([7, 17, 27], (await OperationsAsync(new OperationQuery { Path = "/in/*7.dat" })).Take(3));
        Assert.Equal([97], await OperationsAsync(new OperationQuery { Path = "/in/97.dat" }));
        Assert.Empty(await OperationsAsync(new OperationQuery { Path = "/IN/97.dat" }));
        Assert.Equal([1201], await OperationsAsync(new OperationQuery { Path = "/in/final" }));
        Assert.Equal([1201], await OperationsAsync(new OperationQuery { Host = "ftp9" }));
        Assert.Equal(600, (await OperationsAsync(new OperationQuery { Session = "s-1" })).Count);
    }

    [Fact]
    public async Task the_files_of_a_session_stand_in_their_order_under_their_final_names()
    {
        await Database.WriteAsync([new HistoryItem(0, 1) { Operations =
        [
            Operation(1, "/a.part", session: "s-1"), Operation(2, "/b", EventKind.Download, session: "s-1"), Operation(3, "/c", EventKind.Delete, session: "s-1"),
            Operation(4, "/d", session: "s-2"), Operation(5, "/a", session: "s-1") with { PathFrom = "/a.part" }, Operation(6, "/e", session: "s-1"),
        ] }]);

        var files = await Database.ReadFilesAsync("s-1", 100);

        Assert.Equal([("/a", 5L), ("/b", 2L), ("/e", 6L)], files.Select(f => (f.Path, f.Bytes!.Value)));
        Assert.Equal((EventKind.Upload, EventStatus.Ok, Start.AddSeconds(4)), (files[0].Kind, files[0].Status, files[0].Time));
        Assert.Equal(2, (await Database.ReadFilesAsync("s-1", 2)).Count);
    }

    [Fact]
    public async Task deliveries_are_listed_by_every_filter_and_counted()
    {
        await Database.WriteAsync([new HistoryItem(0, 1) { Deliveries =
        [
            Delivery(1, state: DeliveryState.Done), Delivery(2, "convert", "bob"), Delivery(3, "convert-all", day: 1, replay: "r-1"),
            Delivery(4, "[x]", "b?b", day: 1), Delivery(5, "odd", day: -9) with { Delivery = Delivery(5).Delivery with { Facts = "not JSON" } },
        ] }]);

        Assert.Equal([1, 2, 3, 4, 5], await DeliveriesAsync());
        Assert.Equal([2, 3], await DeliveriesAsync(new DeliveryQuery { Rule = "convert*" }));
        Assert.Equal([4], await DeliveriesAsync(new DeliveryQuery { Rule = "[x]" }));
        Assert.Equal([1], await DeliveriesAsync(new DeliveryQuery { State = DeliveryState.Done }));
        Assert.Equal([4, 5], await DeliveriesAsync(new DeliveryQuery { State = DeliveryState.Due, Last = 2 }));
        Assert.Equal([4], await DeliveriesAsync(new DeliveryQuery { User = "b?b" }));
        Assert.Equal([2, 4], await DeliveriesAsync(new DeliveryQuery { User = "b*" }));
        Assert.Equal([3, 4], await DeliveriesAsync(new DeliveryQuery { Since = Start.AddDays(1) }));
        Assert.Equal([1, 2, 5], await DeliveriesAsync(new DeliveryQuery { Until = Start.AddDays(1) }));
        Assert.Equal([3], await DeliveriesAsync(new DeliveryQuery { Replay = "r-1" }));
        Assert.Equal([2, 4], await DeliveriesAsync(new DeliveryQuery { Ids = [4, 2, 99, 2] }));
        Assert.Equal([4], await DeliveriesAsync(new DeliveryQuery { Ids = [4, 2], Last = 1 }));
        Assert.Empty(await DeliveriesAsync(new DeliveryQuery { Ids = [] }));
        Assert.Empty(await DeliveriesAsync(new DeliveryQuery { Last = 0 }));
        Assert.Contains(("mail", DeliveryState.Done, 1L), await Database.CountDeliveriesAsync());
    }

    [Fact]
    public async Task the_index_finds_the_rows_of_a_time_range_and_of_seqs()
    {
        await Database.WriteAsync([.. Enumerable.Range(1, 1100).Select(i => new HistoryItem(i % 2, i)
        {
            Index = [new RowIndex(i % 2, i, Spool, i * 10, i * 10 + 9, 10, Start.AddSeconds(i), Start.AddSeconds(i + 1))],
        })]);

        Assert.Equal(1100, (await RowsAsync(new IndexQuery())).Count);
        Assert.Equal([2, 4, 6], (await RowsAsync(new IndexQuery())).Take(3));
        Assert.Equal([5, 7], await RowsAsync(new IndexQuery { Handler = 1, Since = Start.AddSeconds(5.5), Until = Start.AddSeconds(7.5) }));
        Assert.Equal([2, 3], (await RowsAsync(new IndexQuery { Spool = Spool, FromSeq = 29, ToSeq = 30 })).Order());
        Assert.Empty(await RowsAsync(new IndexQuery { Spool = "other" }));
        Assert.Equal([1099], await RowsAsync(new IndexQuery { Handler = 1, AfterRow = 1097 }));
    }

    private async Task<List<long>> RowsAsync(IndexQuery query) => [.. (await Database.ReadIndexAsync(query).ToListAsync()).Select(i => i.Row)];
}
