using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;
using FtpActors.Actors.Lease;
using FtpActors.Tests.Shared;

namespace FtpActors.Actors.Tests.Lease;

/// <summary>Each transition of the lease, with a PostgreSQL of its own that is frozen, crashed and replaced.</summary>
public sealed class PostgresLeaseTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly List<ActorSystem> _systems = [];
    private readonly ConcurrentQueue<Exception> _lost = new();
    private PostgresServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.StartAsync();
        await _server.ExecuteAsync(PostgresLease.Table);
    }

    public async Task DisposeAsync()
    {
        foreach (var system in _systems)
            await system.Terminate();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task One_owner_has_it_until_it_releases_it_and_the_database_says_whose_it_is()
    {
        var (one, two) = (Lease("one"), Lease("two"));
        Assert.False(one.CheckLease());
        Assert.True(await one.Acquire());
        Assert.True(await one.Acquire());
        Assert.True(one.CheckLease());
        Assert.False(await two.Acquire());
        Assert.False(two.CheckLease());
        Assert.Equal("one", await _server.ReadAsync<string>("SELECT owner FROM ftpactors_lease WHERE until > now()"));

        Assert.True(await one.Release());
        Assert.False(one.CheckLease());
        Assert.False(await one.Release());
        Assert.True(await two.Acquire());
        Assert.Equal("two", await _server.ReadAsync<string>("SELECT owner FROM ftpactors_lease"));
        Assert.Equal(1, await LocksAsync());
        Assert.True(await two.Release());
    }

    [Fact]
    public async Task It_is_kept_much_longer_than_the_limit_of_silence()
    {
        var one = Lease("one");
        Assert.True(await one.Acquire(_lost.Enqueue));
        var first = await _server.ReadAsync<DateTime>("SELECT until FROM ftpactors_lease");
        await Eventually.IsTrueAsync(async () => await _server.ReadAsync<DateTime>("SELECT until FROM ftpactors_lease") > first + Limit + Limit, "it is confirmed over and over");
        Assert.True(one.CheckLease());
        Assert.Empty(_lost);
        await one.Release();
    }

    [Fact]
    public async Task An_owner_whose_connection_is_ended_is_told_at_once_and_another_one_gets_it()
    {
        var (one, two) = (Lease("one"), Lease("two"));
        Assert.True(await one.Acquire(_lost.Enqueue));
        await _server.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ftpactors lease%'");
        await Eventually.IsTrueAsync(() => !_lost.IsEmpty, "it is told");
        Assert.False(one.CheckLease());
        // The server tells the owner a moment before it frees the lock.
        await Eventually.IsTrueAsync(() => TryAsync(two), "another one gets it");
        Assert.False(await one.Acquire(_lost.Enqueue));
        await two.Release();
        Assert.True(await one.Acquire(_lost.Enqueue));
        Assert.Single(_lost);
        await one.Release();
    }

    [Fact]
    public async Task An_owner_does_not_trust_it_while_the_server_is_frozen_and_nobody_has_it_twice_when_it_is_thawed()
    {
        var (one, two) = (Lease("one"), Lease("two"));
        Assert.True(await one.Acquire(_lost.Enqueue));
        await _server.FreezeAsync();
        var distrusted = await Eventually.IsTrueAsync(() => !one.CheckLease(), "it is not trusted");
        Assert.True(distrusted < Limit, $"{distrusted}");
        await Eventually.IsTrueAsync(() => !_lost.IsEmpty, "it is told");
        await Assert.ThrowsAsync<LeaseException>(() => two.Acquire());
        await _server.ThawAsync();
        await Eventually.IsTrueAsync(async () => await TryAsync(two), "another one gets it");
        Assert.False(one.CheckLease());
        Assert.Equal(1, await LocksAsync());
        await two.Release();
    }

    [Fact]
    public async Task A_server_that_crashes_frees_it_and_it_is_had_anew_when_the_server_is_there()
    {
        var one = Lease("one");
        Assert.True(await one.Acquire(_lost.Enqueue));
        await _server.CrashAsync();
        await Eventually.IsTrueAsync(() => !_lost.IsEmpty, "it is told");
        Assert.False(one.CheckLease());
        await Assert.ThrowsAsync<LeaseException>(() => one.Acquire());
        await _server.StartAgainAsync();
        Assert.True(await one.Acquire());
        Assert.True(one.CheckLease());
        await one.Release();
    }

    [Fact]
    public async Task After_a_crash_nobody_else_has_it_before_the_former_owner_has_given_it_up()
    {
        var (one, two) = (Lease("one"), Lease("two"));
        Assert.True(await one.Acquire(_lost.Enqueue));
        await _server.CrashAsync();
        await _server.StartAgainAsync();
        // The server has forgotten the lock; the former owner may not have heard of the crash yet.
        await Eventually.IsTrueAsync(async () =>
        {
            var has = await TryAsync(two);
            Assert.False(has && one.CheckLease());
            return has;
        }, "another one gets it");
        Assert.Single(_lost);
        await two.Release();
    }

    [Fact]
    public async Task A_standby_gives_no_lease_before_it_is_the_primary()
    {
        await using var standby = await _server.MakeStandbyAsync();
        var both = PostgresServer.Connection("postgres", standby, _server);
        var (one, two) = (Lease("one", both), Lease("two", standby.Connection()));
        // The first server that is named is the standby: it is passed over.
        Assert.True(await one.Acquire(_lost.Enqueue));
        await Assert.ThrowsAsync<LeaseException>(() => two.Acquire());
        Assert.Equal(1, await LocksAsync());

        await _server.CrashAsync();
        await standby.PromoteAsync();
        await Eventually.IsTrueAsync(() => !_lost.IsEmpty, "it is told");
        Assert.True(await one.Acquire(_lost.Enqueue));
        Assert.False(await two.Acquire());
        await one.Release();
    }

    [Fact]
    public async Task Who_asks_anew_while_it_is_in_doubt_is_told_of_the_loss_once()
    {
        var one = Lease("one");
        Assert.True(await one.Acquire(_lost.Enqueue));
        await _server.FreezeAsync();
        await Eventually.IsTrueAsync(() => !_lost.IsEmpty, "it is told");
        await Assert.ThrowsAsync<LeaseException>(() => one.Acquire());
        await _server.ThawAsync();
        await Eventually.IsTrueAsync(() => TryAsync(one), "it is had anew");
        Assert.Single(_lost);
        await one.Release();
    }

    [Fact]
    public async Task The_end_of_its_actor_system_frees_it()
    {
        Assert.True(await Lease("one").Acquire(_lost.Enqueue));
        await _systems[0].Terminate();
        await Eventually.IsTrueAsync(async () => await LocksAsync() == 0, "it is free");
        Assert.Empty(_lost);
        Assert.True(await Lease("two").Acquire());
    }

    [Fact]
    public async Task Asked_for_and_released_at_once_by_many_it_leaves_no_lock_behind()
    {
        var one = Lease("one");
        for (var round = 0; round < 20; round++)
            await Task.WhenAll(one.Acquire(), one.Release(), one.Acquire(), one.Release());
        await one.Release();
        await Eventually.IsTrueAsync(async () => await LocksAsync() == 0, "it is free");
    }

    private static async Task<bool> TryAsync(Akka.Coordination.Lease lease)
    {
        try
        {
            return await lease.Acquire();
        }
        catch (LeaseException)
        {
            // The server does not answer yet.
            return false;
        }
    }

    private Task<long> LocksAsync() => _server.ReadAsync<long>("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted");

    private Akka.Coordination.Lease Lease(string owner, string? connection = null)
    {
        var system = ActorSystem.Create("lease", ConfigurationFactory.ParseString(PostgresLease.ConfigOf(connection ?? _server.Connection(), Limit)));
        _systems.Add(system);
        return LeaseProvider.Get(system).GetLease("test", PostgresLease.ConfigPath, owner);
    }
}
