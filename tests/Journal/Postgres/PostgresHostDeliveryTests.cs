using System.Collections.Concurrent;
using FtpActors.Journal.Postgres;

namespace FtpActors.Journal.Tests.Postgres;

/// <summary>Two journals on one database: the owner's of the shards, and that of the node of host ftp1, which owns none.</summary>
[Collection("postgres")]
public sealed class PostgresHostDeliveryTests(PostgresServer server) : IAsyncLifetime
{
    private const int Shard = 1;
    private static readonly HashSet<long> None = [];
    // Three times what a busy machine has been seen to keep a thread waiting.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);
    private readonly SemaphoreSlim _woken = new(0);
    private string _database = "";
    private PostgresJournal _owner = null!;
    private PostgresJournal _other = null!;
    private IHostDeliveries _host = null!;
    private long _epoch;

    private IDeliveries Owner => _owner;

    private IDeliveries Other => _other;

    public async Task InitializeAsync()
    {
        _database = await server.MakeDatabaseAsync();
        _owner = await OpenAsync();
        _other = await OpenAsync();
        _host = _other.OpenHost("ftp1", () => _woken.Release());
        _epoch = (await _owner.TakeShardAsync(Shard, "handler")).Epoch;
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _other.DisposeAsync();
        await _owner.DisposeAsync();
        _woken.Dispose();
    }

    [Fact]
    public async Task a_hosts_deliveries_are_its_nodes_alone_over_all_shards_and_never_the_owners()
    {
        await Owner.AddAsync(Shard, [Make("1", host: "ftp1"), Make("2", host: "ftp2"), Make("3")]);
        await Owner.AddAsync(2, [Make("4", host: "ftp1")]);
        await using var second = _owner.OpenHost("ftp2", () => { });

        Assert.Equal(["1", "4"], Keys(await ClaimAsync(_host)));
        Assert.Equal(["2"], Keys(await ClaimAsync(second)));
        Assert.Equal(["3"], Keys(await Owner.ReadDueAsync(Shard, "ftp1", Now, None, [], 100)));
        Assert.Empty(await Owner.ReadDueAsync(2, "ftp1", Now, None, [], 100));
    }

    [Fact]
    public async Task fifty_claimers_at_once_never_get_one_delivery_twice()
    {
        const int deliveries = 1000;
        await Owner.AddAsync(Shard, [.. Enumerable.Range(0, deliveries).Select(i => Make($"{i}", host: "ftp1"))]);
        // No claim ends by itself here, however busy the machine is.
        await using var one = await OpenAsync(TimeSpan.FromMinutes(5));
        await using var two = await OpenAsync(TimeSpan.FromMinutes(5));
        var claimers = Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? one : two).OpenHost("ftp1", () => { })).ToList();
        var got = new ConcurrentBag<long>();

        await Task.WhenAll(claimers.Select(claimer => Task.Run(async () =>
        {
            while (got.Count < deliveries)
            {
                foreach (var delivery in await ClaimAsync(claimer, 7))
                {
                    got.Add(delivery.Id);
                    await claimer.StoreTryAsync(Progress(delivery, DeliveryState.Done));
                }
            }
        })));

        Assert.Equal(deliveries, got.Count);
        Assert.Equal(deliveries, got.Distinct().Count());
        Assert.Equal(deliveries, (await Owner.CountAsync()).Where(c => c.State == DeliveryState.Done).Sum(c => c.Count));
        foreach (var claimer in claimers)
            await claimer.DisposeAsync();
    }

    [Fact]
    public async Task the_order_of_a_session_holds_where_deliveries_of_a_host_and_of_any_node_mix()
    {
        await Owner.AddAsync(Shard,
        [
            Make("1", "s", host: "ftp1"), Make("2", "s"), Make("3", "s", host: "ftp1"), Make("4", "s", host: "ftp1"), Make("5", "s"), Make("6", "s", host: "ftp2"),
        ]);
        await using var second = _owner.OpenHost("ftp2", () => { });
        var order = new List<string>();
        while (order.Count < 6)
        {
            var mine = await ClaimAsync(_host);
            var seconds = await ClaimAsync(second);
            var owners = await Owner.ReadDueAsync(Shard, "handler", Now, None, [], 100);
            var one = Assert.Single([.. mine, .. seconds, .. owners]);
            order.Add(one.Delivery.Key);
            var store = mine.Count > 0 ? _host : seconds.Count > 0 ? second : (IDueDeliveries)Owner;
            await store.StoreTryAsync(Progress(one, DeliveryState.Done));
        }
        Assert.Equal(["1", "2", "3", "4", "5", "6"], order);
    }

    [Fact]
    public async Task a_claim_is_kept_while_its_node_works_and_ends_after_the_lease_when_the_node_is_gone()
    {
        await Owner.AddAsync(Shard, [Make("a", host: "ftp1")]);
        var claimed = Assert.Single(await ClaimAsync(_host));
        await using var next = _owner.OpenHost("ftp1", () => { });

        // Longer than the lease, seen from the server: the claim was renewed.
        await server.ExecuteAsync(_database, "SELECT pg_sleep(4.5)");
        Assert.Empty(await ClaimAsync(next));
        var free = await next.ReadNextDueAsync(-1, "ftp1", Now);
        Assert.InRange(free!.Value - Now, TimeSpan.Zero, Lease);

        // As a kill: nothing is given back.
        await server.ExecuteAsync(_database, "UPDATE delivery SET claimed_by = gen_random_uuid()");
        await Until(async () => (await ClaimAsync(next)).Count == 1);
        await Assert.ThrowsAsync<ClaimLostException>(() => _host.StoreTryAsync(Progress(claimed, DeliveryState.Done)));
        Assert.Empty(await Owner.ReadTriesAsync(claimed.Id));
        await next.StoreTryAsync(Progress(claimed, DeliveryState.Done));
        Assert.Equal("ftp1", Assert.Single(await Owner.ReadTriesAsync(claimed.Id)).Node);
        await Assert.ThrowsAsync<ClaimLostException>(() => next.StoreTryAsync(Progress(claimed, DeliveryState.Done)));
    }

    [Fact]
    public async Task a_claim_that_was_given_back_is_free_at_once_and_a_chain_keeps_it_from_action_to_action()
    {
        await Owner.AddAsync(Shard, [Make("a", host: "ftp1")]);
        var claimed = Assert.Single(await ClaimAsync(_host));
        await using var next = _owner.OpenHost("ftp1", () => { });

        await _host.StoreTryAsync(Progress(claimed, DeliveryState.Due) with { Step = 1, Attempt = 0 });
        Assert.Empty(await ClaimAsync(next));
        await _host.StoreTryAsync(Progress(claimed, DeliveryState.Due) with { Step = 1, Attempt = 1 });
        Assert.Equal(1, Assert.Single(await ClaimAsync(next)).Step);

        await next.DisposeAsync();
        Assert.Single(await ClaimAsync(_host));
    }

    [Fact]
    public async Task a_host_hears_at_once_of_what_comes_up_for_it_in_whatever_way()
    {
        // Its listener is connected: it was told to look.
        Assert.True(await _woken.WaitAsync(TimeSpan.FromSeconds(20)));
        await HeardAsync(() => _owner.CommitAsync(new ShardStep(Shard, _epoch, [], [], 0, 0) { Deliveries = [Make("step", host: "ftp1")] }));
        await HeardAsync(() => Owner.AddAsync(Shard, [Make("first", "s"), Make("second", "s", host: "ftp1"), Make("added", host: "ftp1")]));
        var first = Assert.Single(await Owner.ReadDueAsync(Shard, "handler", Now, None, [], 10));
        await HeardAsync(() => Owner.StoreTryAsync(Progress(first, DeliveryState.Done)));
        var all = await ClaimAsync(_host);
        Assert.Equal(["added", "second", "step"], Keys(all).Order());
        await _host.StoreTryAsync(Progress(all[0], DeliveryState.Dead));
        await HeardAsync(() => Owner.RetryAsync(new DeliveryQuery { Ids = [all[0].Id] }, Now));
    }

    [Fact]
    public async Task the_owner_hears_of_what_others_made_due_in_its_shard()
    {
        var heard = new ConcurrentQueue<int?>();
        _owner.OnDue(heard.Enqueue);
        await Until(() => Task.FromResult(heard.Contains(null)));

        await Other.AddAsync(Shard, [Make("1", "s", host: "ftp1"), Make("2", "s")]);
        await Until(() => Task.FromResult(heard.Count(h => h == Shard) == 1));
        await _host.StoreTryAsync(Progress(Assert.Single(await ClaimAsync(_host)), DeliveryState.Dead));
        await Until(() => Task.FromResult(heard.Count(h => h == Shard) == 2));
        var second = Assert.Single(await Owner.ReadDueAsync(Shard, "handler", Now, None, [], 10));
        await Owner.StoreTryAsync(Progress(second, DeliveryState.Dead));
        await Other.RetryAsync(new DeliveryQuery { Ids = [second.Id] }, Now);
        await Until(() => Task.FromResult(heard.Count(h => h == Shard) == 3));
    }

    [Fact]
    public async Task a_host_without_a_node_is_told_of_and_loses_nothing()
    {
        await Owner.AddAsync(Shard, [Make("1", "s", host: "gone"), Make("2", "s", host: "gone"), Make("3", host: "gone")]);

        Assert.Empty(await _owner.ReadHostsAsync(Now.AddMinutes(-5)));
        var behind = Assert.Single(await _owner.ReadHostsAsync(Now.AddMinutes(5)));
        Assert.Equal(("gone", 2L), (behind.Host, behind.Due));
        await using var node = _other.OpenHost("gone", () => { });
        Assert.Equal(["1", "3"], Keys(await ClaimAsync(node)));
    }

    [Fact]
    public async Task a_replay_is_moved_by_one_runner_at_a_time_and_by_the_next_after_the_lease()
    {
        var (replays, others) = ((IReplays)_owner, (IReplays)_other);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await _owner.AppendAsync("s", "ftp1", 0, TestEvents.Range(0, 10));
        await replays.CreateReplayAsync("r", "{}");

        Assert.Equal(Lease, await replays.ClaimReplayAsync("r", first));
        Assert.Null(await others.ClaimReplayAsync("r", second));
        Assert.NotNull(await replays.ClaimReplayAsync("r", first));
        await replays.MoveReplayAsync(new ReplayMove("r", 0, "s", 3, 3, 0, []) { Runner = first });
        await Until(async () => await others.ClaimReplayAsync("r", second) is not null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => replays.MoveReplayAsync(new ReplayMove("r", 0, "s", 5, 2, 0, []) { Runner = first }));
        await others.MoveReplayAsync(new ReplayMove("r", 0, "s", 5, 2, 0, []) { Runner = second });
        await others.ReleaseReplayAsync("r", second);
        Assert.NotNull(await replays.ClaimReplayAsync("r", first));
        await others.SetReplayStateAsync("r", ReplayState.Stopped);
        Assert.Null(await replays.ClaimReplayAsync("r", first));
    }

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    private Task<PostgresJournal> OpenAsync(TimeSpan? lease = null) => PostgresJournal.OpenAsync(
        new PostgresJournalOptions { Connection = server.Connection(_database), Shards = 4, Lease = lease ?? Lease });

    private async Task HeardAsync(Func<Task> act)
    {
        while (_woken.Wait(0))
        {
            // Calls of what came before.
        }
        await act();
        Assert.True(await _woken.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private static Task<IReadOnlyList<DeliveryRecord>> ClaimAsync(IHostDeliveries host, int limit = 100) =>
        host.ReadDueAsync(-1, "ftp1", Now, None, [], limit);

    private static NewDelivery Make(string key, string? session = null, string? host = null) =>
        new(key, "r", "upload", session, session is not null, host, "{}", Now, null);

    private DeliveryProgress Progress(DeliveryRecord delivery, DeliveryState state) => new(
        delivery.Shard, _epoch, delivery.Id, state, delivery.Step, delivery.Attempt + 1, Now,
        new DeliveryTry(0, delivery.Step, "ftp1", Now, Now, state == DeliveryState.Done, 0, "", "", ""), []);

    private static IEnumerable<string> Keys(IEnumerable<DeliveryRecord> deliveries) => deliveries.Select(d => d.Delivery.Key);

    private static async Task Until(Func<Task<bool>> condition)
    {
        var limit = DateTimeOffset.UtcNow.AddSeconds(20);
        while (!await condition())
        {
            Assert.True(DateTimeOffset.UtcNow < limit, "not within 20 s");
            await Task.Delay(20);
        }
    }
}
