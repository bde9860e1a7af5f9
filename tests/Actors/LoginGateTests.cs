using System.Diagnostics;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Tests.Handlers;
using FtpActors.Protocol.PureFtpd;
using Microsoft.Data.Sqlite;

namespace FtpActors.Actors.Tests;

/// <summary>The gate with a real journal, also one that blocks.</summary>
public sealed class LoginGateTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-gate-").FullName;
    private HandlerEngine _engine = null!;
    private LoginSlots _slots = null!;

    private LoginSlots Slots => _slots;

    public async Task InitializeAsync()
    {
        _engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        _slots = new LoginSlots(_engine.System.ActorOf(LoginSlices.Props(2, TimeProvider.System), "logins"), 2);
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_login_is_passed_on_with_a_slot_refused_when_full_and_passed_on_without_a_limit()
    {
        var table = Table();
        using var gate = Gate(table, answer: 20);

        var first = await gate.AnswerAsync(Logins.Request("ann", "::ffff:192.0.2.7"), default);
        Assert.Equal((AuthVerdict.PassOn, LoginReason.Reserved), (first.Reply.Verdict, first.Reason));
        var second = await gate.AnswerAsync(Logins.Request("ANN"), default);
        Assert.Equal((AuthVerdict.Refuse, LoginReason.Full), (second.Reply.Verdict, second.Reason));
        Assert.Contains("1 sessions in all", second.Detail, StringComparison.Ordinal);
        var free = await gate.AnswerAsync(Logins.Request("free"), default);
        Assert.Equal((AuthVerdict.PassOn, LoginReason.NoLimit), (free.Reply.Verdict, free.Reason));

        Assert.Equal(new LoginClaim("ann", "h1", "192.0.2.7"), Assert.Single(await Slots.ReadSlotsAsync(null)).Claim);
        Assert.True(table.IsAwaiting(DateTimeOffset.UtcNow));
    }

    [Theory]
    [InlineData(true, AuthVerdict.PassOn, LoginReason.FailedOpen)]
    [InlineData(false, AuthVerdict.Refuse, LoginReason.FailedClosed)]
    public async Task A_journal_that_blocks_is_given_up_in_time_in_favour_of_the_setting(bool open, AuthVerdict verdict, LoginReason reason)
    {
        using var gate = Gate(Table(), answer: 0.1, open);
        // What is loaded on first use is no part of it.
        await gate.WarmUpAsync();
        await using (await BlockAsync())
        {
            var started = Stopwatch.GetTimestamp();
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => gate.AnswerAsync(Logins.Request("ann"), default)));
            Assert.All(answers, a => Assert.Equal((verdict, reason), (a.Reply.Verdict, a.Reason)));
            // Ten times the setting: a machine may be busy. The journal itself would have waited for ever.
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), $"{Stopwatch.GetElapsedTime(started)}");
            Assert.Equal(LoginReason.NoLimit, (await gate.AnswerAsync(Logins.Request("free"), default)).Reason);
        }
        // And what was given up was not done behind anybody's back, or is given back: there is room for one, and for no more.
        using var patient = Gate(Table(), answer: 30);
        if (!open)
        {
            // One after the other, those that had been given up have the slot for a moment: a single look may fall into it.
            await UntilAsync(async () => (await patient.AnswerAsync(Logins.Request("ann"), default)).Reason == LoginReason.Reserved);
        }
        Assert.True((await Slots.ReadSlotsAsync(null)).Count <= 1);
    }

    [Fact]
    public async Task A_journal_that_is_gone_is_answered_for_by_the_setting()
    {
        using var gate = Gate(Table(), answer: 3, open: false);
        await gate.WarmUpAsync();
        await using (var other = new SqliteConnection($"Data Source={Path.Combine(_folder, "journal.db")};Pooling=false"))
        {
            await other.OpenAsync();
            await using var drop = other.CreateCommand();
            drop.CommandText = "DROP TABLE journal";
            await drop.ExecuteNonQueryAsync();
        }

        var answer = await gate.AnswerAsync(Logins.Request("ann"), default);

        Assert.Equal(LoginReason.FailedClosed, answer.Reason);
        Assert.Contains("cannot be written", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_refuses_gives_the_slot_back_and_one_that_passes_on_keeps_it()
    {
        using var script = new Script("""
            [ "$AUTHD_PASSWORD" = right ] && printf 'auth_ok:1\nuid:7\ngid:7\ndir:/srv\nend\n' && exit
            [ "$AUTHD_PASSWORD" = other ] && exit
            printf 'auth_ok:-1\nend\n'
            """);
        using var check = new LoginCheck([script.Path], TimeSpan.FromSeconds(30), TimeProvider.System);
        using var gate = Gate(Table(), answer: 20, check: check);

        var wrong = await gate.AnswerAsync(Logins.Request("ann", password: "wrong"), default);
        Assert.Equal((AuthVerdict.Refuse, LoginReason.CheckRefused), (wrong.Reply.Verdict, wrong.Reason));
        Assert.Empty(await Slots.ReadSlotsAsync(null));
        var right = await gate.AnswerAsync(Logins.Request("ann", password: "right"), default);
        Assert.Equal((AuthVerdict.Accept, LoginReason.CheckAccepted), (right.Reply.Verdict, right.Reason));
        Assert.Contains(("dir", "/srv"), right.Reply.Fields);
        // Full before the check is asked.
        Assert.Equal(LoginReason.Full, (await gate.AnswerAsync(Logins.Request("ann", password: "right"), default)).Reason);
        var other = await gate.AnswerAsync(Logins.Request("bob", password: "other"), default);
        Assert.Equal((AuthVerdict.PassOn, LoginReason.Reserved), (other.Reply.Verdict, other.Reason));
        Assert.Equal(2, (await Slots.ReadSlotsAsync(null)).Count);
    }

    [Fact]
    public async Task The_watch_confirms_what_was_reserved_takes_in_what_was_not_and_releases_what_is_gone()
    {
        var table = Table(max: 3);
        using var gate = Gate(table, answer: 20, max: 3);
        var reading = new SessionReading([], null);
        var watch = new LoginWatch(Slots, table, Lease, () => reading, TimeProvider.System);
        await gate.AnswerAsync(Logins.Request("ann"), default);
        var reserved = Assert.Single(await Slots.ReadSlotsAsync(null));

        reading = new SessionReading([Logins.Entry("ann", 1), Logins.Entry("ann", 2)], null);
        await watch.StepAsync();
        var slots = await Slots.ReadSlotsAsync(null);
        Assert.Equal(2, slots.Count);
        Assert.Contains(slots, s => s.Id == reserved.Id && s.Session is not null);
        Assert.False(table.IsAwaiting(DateTimeOffset.UtcNow));

        // A scoreboard that cannot be read says nothing of sessions that ended.
        reading = new SessionReading([], "no rights");
        await watch.StepAsync();
        Assert.Equal("no rights", watch.Trouble);
        Assert.Equal(2, (await Slots.ReadSlotsAsync(null)).Count);

        reading = new SessionReading([Logins.Entry("ann", 2)], null);
        await watch.StepAsync();
        Assert.Null(watch.Trouble);
        Assert.Equal([Logins.Entry("ann", 2).Session], (await Slots.ReadSlotsAsync(null)).Select(s => s.Session));
    }

    [Fact]
    public void Times_of_answers_are_kept_and_the_slowest_of_a_hundred_are_told()
    {
        using var tally = new LoginTally();
        Assert.Null(tally.Percentile(0.99));
        for (var i = 1; i <= 2000; i++)
            tally.Add(new LoginAnswer(AuthReply.PassOn, i % 2 == 0 ? LoginReason.Full : LoginReason.Reserved, null, TimeSpan.FromMilliseconds(i)));

        Assert.Equal((1000, 1000, 0), (tally.Of(LoginReason.Full), tally.Of(LoginReason.Reserved), tally.Of(LoginReason.NoLimit)));
        // Of the last 1,024.
        Assert.Equal((1488, 1990, 2000), (tally.Percentile(0.5), tally.Percentile(0.99), tally.Percentile(1)));
    }

    private static SlotTable Table(int max = 1) => new("h1", Logins.Limits(("free", null), ("*", max)), Lease);

    private LoginGate Gate(SlotTable table, double answer, bool open = true, LoginCheck? check = null, int max = 1) => new(
        new LoginGateOptions
        {
            Host = "h1", Limits = Logins.Limits(("free", null), ("*", max)), Lease = Lease, Answer = TimeSpan.FromSeconds(answer), FailOpen = open,
        },
        Slots, table, check, TimeProvider.System);

    // Another writer of the file: the journal waits for it.
    private async Task<SqliteConnection> BlockAsync()
    {
        var blocker = new SqliteConnection($"Data Source={Path.Combine(_folder, "journal.db")};Pooling=false");
        await blocker.OpenAsync();
        await using var block = blocker.CreateCommand();
        block.CommandText = "BEGIN IMMEDIATE";
        await block.ExecuteNonQueryAsync();
        return blocker;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var limit = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(30));
            await Task.Delay(20);
        }
    }
}
