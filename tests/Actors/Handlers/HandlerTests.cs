using Akka.Actor;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using FtpActors.Protocol.Shipping;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests.Handlers;

public sealed class HandlerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-handlers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Sessions_are_rebuilt_from_login_to_logout_and_told_to_the_history()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder);
        await engine.ShipAsync([.. Users(10).SelectMany(Whole)], 1);
        await engine.CalmAsync();

        var sessions = await engine.SessionsAsync();
        Assert.Equal(10, sessions.Count);
        Assert.All(sessions, s => Assert.Equal((SessionEnded.Logout, 1, 100L), (s.Ended, s.Uploads, s.BytesUp)));
        Assert.Equal(10, await engine.History.QueryOperationsAsync(new()).CountAsync());
    }

    [Fact]
    public async Task A_batch_that_is_shipped_twice_changes_nothing()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        List<StoredEvent> events = [.. Whole("anna").Select((e, i) => new StoredEvent(HandlerEngine.Spool, i + 1, e))];
        Assert.False((await engine.TakeAsync(0, events)).IsRefusal);
        Assert.False((await engine.TakeAsync(0, events)).IsRefusal);
        await engine.CalmAsync();
        Assert.Equal((1, 100L), ((await engine.SessionsAsync()).Single().Uploads, (await engine.SessionsAsync()).Single().BytesUp));
    }

    [Fact]
    public async Task Events_that_do_not_follow_on_what_the_journal_has_are_refused()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        await engine.ShipAsync([Event(EventKind.Login, 0)], 1);
        var stand = await engine.Handlers.Ask<EventsStand>(
            new TakeEvents(0, HandlerEngine.Spool, "ftp1", 5, [new StoredEvent(HandlerEngine.Spool, 6, Event(EventKind.Logout, 1))], null), HandlerEngine.Patience);
        Assert.Equal((1, true), (stand.Seq, stand.IsRefusal));
    }

    [Fact]
    public async Task A_handler_that_begins_anew_knows_its_open_sessions_and_counts_on()
    {
        await using (var engine = await HandlerEngine.StartAsync(_folder))
        {
            await engine.ShipAsync([.. Users(20).SelectMany(u => Whole(u).Take(2))], 1);
        }
        await using (var engine = await HandlerEngine.StartAsync(_folder))
        {
            await engine.ShipAsync([.. Users(20).Select(u => Whole(u)[^1])], 41);
            await engine.CalmAsync();
            Assert.All(await engine.SessionsAsync(), s => Assert.Equal((SessionEnded.Logout, 1, 100L), (s.Ended, s.Uploads, s.BytesUp)));
            Assert.Equal(20, (await engine.SessionsAsync()).Count);
        }
    }

    [Fact]
    public async Task After_a_snapshot_a_handler_is_the_same()
    {
        var all = Users(3000).SelectMany(u => Enumerable.Range(0, 70).Select(i => Event(i == 0 ? EventKind.Login : EventKind.Upload, i, u, path: "/a", bytes: 1))).ToList();
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            for (var i = 0; i < all.Count; i += 3000)
                await engine.ShipAsync(all[i..(i + 3000)], i + 1);
            await engine.CalmAsync();
        }
        Assert.True(SnapshotCount() > 0);
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            await engine.ShipAsync([.. Users(3000).Select(u => Event(EventKind.Logout, 100, u))], all.Count + 1);
            await engine.CalmAsync();
            Assert.All(await engine.SessionsAsync(), s => Assert.Equal((SessionEnded.Logout, 69, 69L), (s.Ended, s.Uploads, s.BytesUp)));
        }
    }

    [Fact]
    public async Task A_session_ends_idle_when_the_horizon_of_its_host_says_so()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        await engine.ShipAsync([Event(EventKind.Login, 0)], 1);
        engine.Handlers.Tell(
            new TakeEvents(0, HandlerEngine.Spool, "ftp1", 1, [], Start.AddHours(5)), ActorRefs.NoSender);
        await Eventually.IsAsync(async () => (await engine.SessionsAsync()).SingleOrDefault()?.Ended == SessionEnded.Idle);
        Assert.Equal(Start.AddHours(4), (await engine.SessionsAsync()).Single().ClosedAt);
    }

    [Fact]
    public async Task Every_rule_and_event_is_planned_once_and_delivered_with_one_key()
    {
        var runner = new ScriptedRunner();
        await using (var engine = await HandlerEngine.StartAsync(_folder, rules: UploadRule(), runner: runner))
        {
            await engine.ShipAsync([.. Users(50).SelectMany(Whole)], 1);
            await Eventually.IsAsync(async () => (await engine.DeliveriesAsync()).Count(d => d.State == DeliveryState.Done) == 50);
        }
        Assert.Equal(50, runner.Keys.Distinct().Count());
        await using (var engine = await HandlerEngine.StartAsync(_folder, rules: UploadRule(), runner: runner))
        {
            await engine.CalmAsync();
            Assert.Equal(50, (await engine.DeliveriesAsync()).Count);
        }
        Assert.Equal(50, runner.Keys.Count);
    }

    [Fact]
    public async Task A_try_that_was_not_stored_is_made_again_with_the_same_key_after_a_restart()
    {
        var stuck = new ScriptedRunner(async (_, cancel) =>
        {
            await Task.Delay(Timeout.Infinite, cancel);
            return new ActionOutcome(true, false, 0, "never");
        });
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1, rules: UploadRule(), runner: stuck))
        {
            await engine.ShipAsync(Whole("anna"), 1);
            await Eventually.IsAsync(() => Task.FromResult(stuck.Keys.Count == 1));
        }
        var runner = new ScriptedRunner();
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1, rules: UploadRule(), runner: runner))
            await Eventually.IsAsync(async () => (await engine.DeliveriesAsync()).Any(d => d.State == DeliveryState.Done));
        Assert.Equal(stuck.Keys, runner.Keys);
    }

    [Fact]
    public async Task A_failed_delivery_is_retried_then_dead_and_done_when_a_person_retries_it()
    {
        var fails = true;
        var runner = new ScriptedRunner((_, _) => Task.FromResult(
            Volatile.Read(ref fails) ? new ActionOutcome(false, true, 1, "no luck") : new ActionOutcome(true, false, 0, "done")));
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1, rules: UploadRule(retries: 2), runner: runner);
        await engine.ShipAsync(Whole("anna"), 1);
        await Eventually.IsAsync(async () => (await engine.DeliveriesAsync()).Any(d => d.State == DeliveryState.Dead));
        var dead = (await engine.DeliveriesAsync()).Single();
        Assert.Equal(2, (await engine.History.ReadTriesAsync(dead.Id)).Count);

        Volatile.Write(ref fails, false);
        Assert.Equal(1, (await engine.AskAsync<DeliveriesChanged>(new OrderDeliveries(0, DeliveryOrder.Retry, [dead.Id]))).Count);
        await Eventually.IsAsync(async () => (await engine.DeliveriesAsync()).Single().State == DeliveryState.Done);
        Assert.Equal([1, 2, 3], (await engine.History.ReadTriesAsync(dead.Id)).Select(t => t.Number));
    }

    [Fact]
    public async Task A_fault_that_is_no_outcome_is_a_failed_try_and_keeps_no_slot()
    {
        var fails = 3;
        var runner = new ScriptedRunner((_, _) => Interlocked.Decrement(ref fails) >= 0
            ? throw new InvalidOperationException("a fault")
            : Task.FromResult(new ActionOutcome(true, false, 0, "done")));
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1, rules: UploadRule(retries: 9), runner: runner, parallel: 1);
        await engine.ShipAsync(Whole("anna"), 1);
        await Eventually.IsAsync(async () => (await engine.DeliveriesAsync()).Any(d => d.State == DeliveryState.Done));
        var tries = await engine.History.ReadTriesAsync((await engine.DeliveriesAsync()).Single().Id);
        Assert.Equal([false, false, false, true], tries.Select(t => t.Succeeded));
        Assert.Contains("a fault", tries[0].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_comes_after_an_event_was_planned_does_not_fire_for_it_after_a_restart()
    {
        await using (var engine = await HandlerEngine.StartAsync(_folder))
        {
            await engine.ShipAsync([.. Users(10).SelectMany(Whole)], 1);
            await engine.CalmAsync();
        }
        await using (var engine = await HandlerEngine.StartAsync(_folder, rules: UploadRule()))
        {
            await engine.ShipAsync(Whole("late"), 31);
            await Eventually.IsAsync(async () => (await engine.DeliveriesAsync()).Any(d => d.State == DeliveryState.Done));
            await engine.CalmAsync();
            Assert.Equal($"up/{HandlerEngine.Spool}-32", (await engine.DeliveriesAsync()).Single().Delivery.Key);
        }
    }

    [Fact]
    public async Task What_a_replay_adds_is_added_once()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1, rules: UploadRule());
        var owed = new NewDelivery("up/x/replay", "up", "upload", null, false, null, "{}", Start, "r1");
        Assert.Equal(1, (await engine.AskAsync<DeliveriesAdded>(new AddDeliveries(0, [owed], new ReplayPlace("r1", 7)))).Count);
        Assert.Equal(0, (await engine.AskAsync<DeliveriesAdded>(new AddDeliveries(0, [owed], new ReplayPlace("r1", 7)))).Count);
        Assert.Equal(7, (await engine.AskAsync<ReplayPlace>(new AskReplayPlace(0, "r1"))).Row);
    }

    [Fact]
    public async Task A_damaged_row_is_passed_over_and_counted_and_the_handler_goes_on()
    {
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            foreach (var (user, i) in Users(3).Select((user, i) => (user, i)))
                await engine.ShipAsync(Whole(user), (i * 3) + 1);
        }
        Execute("UPDATE journal SET message = CAST(substr(message, 1, 20) || x'FF' || substr(message, 22) AS BLOB) WHERE sequence_number = 2");
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            await engine.ShipAsync(Whole("late"), 10);
            await engine.CalmAsync();
            Assert.Equal(1, (await engine.AskAsync<HandlerStatus>(new AskStatus(0))).Damaged);
            Assert.Contains(await engine.SessionsAsync(), s => s is { User: "late", Ended: SessionEnded.Logout });
        }
    }

    [Fact]
    public async Task A_history_that_was_taken_away_is_made_anew_also_behind_a_snapshot()
    {
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            await engine.ShipAsync(Whole("first"), 1);
            for (var i = 0; i < 34; i++)
                await engine.ShipAsync([.. Enumerable.Repeat(Event(EventKind.Upload, i, path: "/a", bytes: 1), 3000)], (i * 3000) + 4);
            await engine.CalmAsync();
            await Eventually.IsAsync(() => Task.FromResult(SnapshotCount() > 0));
        }
        foreach (var file in Directory.GetFiles(_folder, "history.db*"))
            File.Delete(file);
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            await engine.AskAsync<HandlerStatus>(new AskStatus(0));
            await engine.CalmAsync();
            Assert.Equal([("first", 1), ("anna", 102_000)], (await engine.SessionsAsync()).OrderBy(s => s.Uploads).Select(s => (s.User, s.Uploads)));
        }
    }

    [Fact]
    public async Task A_journal_that_has_lost_its_last_rows_goes_on_and_what_comes_is_told()
    {
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            foreach (var (user, i) in Users(5).Select((user, i) => (user, i)))
            {
                await engine.ShipAsync(Whole(user), (i * 3) + 1);
                await engine.CalmAsync();
            }
        }
        Execute("DELETE FROM journal WHERE sequence_number = (SELECT max(sequence_number) FROM journal)");
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            await engine.AskAsync<HandlerStatus>(new AskStatus(0));
            // The spool gives no seq twice.
            await engine.ShipAsync(Whole("late"), 16);
            await engine.CalmAsync();
            Assert.Contains(await engine.SessionsAsync(), s => s is { User: "late", Uploads: 1, Ended: SessionEnded.Logout });
            Assert.Equal(6, (await engine.SessionsAsync()).Count);
        }
    }

    [Fact]
    public async Task A_damaged_snapshot_is_passed_over_and_nothing_is_lost()
    {
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            for (var i = 0; i < 34; i++)
                await engine.ShipAsync([.. Enumerable.Repeat(Event(EventKind.Upload, i, path: "/a", bytes: 1), 3000)], (i * 3000) + 1);
            await engine.CalmAsync();
            await Eventually.IsAsync(() => Task.FromResult(SnapshotCount() > 0));
        }
        Execute("UPDATE snapshot SET snapshot = CAST(substr(snapshot, 1, 20) || x'FF' || substr(snapshot, 22) AS BLOB)");
        await using (var engine = await HandlerEngine.StartAsync(_folder, handlers: 1))
        {
            await engine.ShipAsync([Event(EventKind.Logout, 100)], 102_001);
            await engine.CalmAsync();
            Assert.Equal((102_000, SessionEnded.Logout), ((await engine.SessionsAsync()).Single().Uploads, (await engine.SessionsAsync()).Single().Ended));
        }
    }

    private static IEnumerable<string> Users(int count) => Enumerable.Range(0, count).Select(i => $"user{i}");

    private static IReadOnlyList<FtpEvent> Whole(string user) =>
        [Event(EventKind.Login, 0, user), Event(EventKind.Upload, 10, user, path: "/a", bytes: 100), Event(EventKind.Logout, 20, user)];

    private static RuleSet UploadRule(int retries = 3) => new(
    [
        new Rule
        {
            Name = "up", On = [TriggerKind.Upload], Actions = [new FileAction("/never/written")],
            Retry = new RetryPolicy(retries, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)),
        },
    ]);

    private void Execute(string text)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, "journal.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = text;
#pragma warning restore CA2100
        Assert.Equal(1, command.ExecuteNonQuery());
    }

    private int SnapshotCount()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(_folder, "journal.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM snapshot";
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
