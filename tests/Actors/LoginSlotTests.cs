using FtpActors.Actors.Logins;
using FtpActors.Actors.Tests.Handlers;
using Microsoft.Extensions.Time.Testing;

namespace FtpActors.Actors.Tests;

/// <summary>The promises of the count of sessions, asked by two nodes.</summary>
public sealed class LoginSlotTests : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly SlotLimits Three = new(3, null, null);
    private const int SliceCount = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-logins-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private HandlerEngine _engine = null!;

    private LoginSlots One { get; set; } = null!;

    private LoginSlots Two { get; set; } = null!;

    public Task InitializeAsync() => StartAsync();

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        _engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        var actor = _engine.System.ActorOf(LoginSlices.Props(SliceCount, _time), "logins");
        (One, Two) = (new LoginSlots(actor, SliceCount), new LoginSlots(actor, SliceCount));
    }

    private Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task what_was_answered_is_durable_and_a_number_is_never_given_again()
    {
        for (var i = 0; i < 1200; i++)
            await One.ReleaseAsync([(await TakeAsync(One, "ann", "h1", "a1", Three))]);
        var last = await TakeAsync(One, "ann", "h1", "a1", Three);
        await One.ConfirmAsync([In("bob", "h1", "a1", "s1")], Lease);

        await _engine.DisposeAsync();
        await StartAsync();

        Assert.Equal([null, "s1"], (await One.ReadSlotsAsync(null)).OrderBy(s => s.Claim.User, StringComparer.Ordinal).Select(s => s.Session));
        Assert.True(await TakeAsync(One, "ann", "h1", "a1", Three) > last);
    }

    [Fact]
    public async Task a_slot_comes_back_whole()
    {
        var claim = new LoginClaim(@"Żółw\xFF", "ftp1", "2001:db8::1");

        var answer = await One.ReserveAsync(claim, Three, Lease, Patience);

        var slot = Assert.Single(await Two.ReadSlotsAsync(null));
        Assert.Equal((answer.Slot, claim), (slot.Id, slot.Claim));
        Assert.Null(slot.Session);
        Assert.Equal(Lease, slot.ExpiresAt - slot.ReservedAt);
        Assert.Equal([slot], await One.ReadSlotsAsync(@"żółw\xff"));
        Assert.Empty(await One.ReadSlotsAsync("other"));
    }

    [Fact]
    public async Task each_limit_refuses_by_its_own_name_and_what_is_free_stays_free()
    {
        var limits = new SlotLimits(4, 2, 2);
        await TakeAsync(One, "ann", "h1", "a1", limits);
        await TakeAsync(One, "ann", "h1", "a2", limits);
        Assert.Equal(SlotLimit.MaxPerHost, (await Try(One, "ann", "h1", "a3", limits)).Full);
        await TakeAsync(Two, "ann", "h2", "a1", limits);
        Assert.Equal(SlotLimit.MaxPerAddress, (await Try(Two, "ann", "h2", "a1", limits)).Full);
        await TakeAsync(Two, "ann", "h2", "a2", limits);
        Assert.Equal(SlotLimit.Max, (await Try(Two, "ann", "h3", "a9", limits)).Full);

        await TakeAsync(One, "bob", "h1", "a1", limits);
        Assert.Equal(5, (await One.ReadSlotsAsync(null)).Count);
    }

    [Fact]
    public async Task names_that_differ_only_in_case_are_one_user_and_a_limit_of_none_refuses_everybody()
    {
        await TakeAsync(One, "Alice", "h1", "a1", new SlotLimits(1, null, null));

        Assert.Equal(SlotLimit.Max, (await Try(Two, "aLICE", "h2", "a2", new SlotLimits(1, null, null))).Full);
        Assert.Equal(SlotLimit.Max, (await Try(Two, "new", "h2", "a2", new SlotLimits(0, null, null))).Full);
        await TakeAsync(Two, "alice", "h2", "a2", new SlotLimits(null, null, null));
    }

    [Fact]
    public async Task of_50_reservations_at_once_by_two_nodes_as_many_are_granted_as_there_is_room_for()
    {
        for (var round = 0; round < 5; round++)
        {
            var user = $"user{round}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
                Task.Run(() => Try(i % 2 == 0 ? One : Two, i % 3 == 0 ? user.ToUpperInvariant() : user, $"h{i % 2}", $"a{i}", Three))));

            Assert.Equal(3, answers.Count(a => a.Slot is not null));
            Assert.Equal(47, answers.Count(a => a.Full == SlotLimit.Max));
            Assert.Equal(3, (await One.ReadSlotsAsync(user)).Count);
        }
    }

    [Fact]
    public async Task a_slot_that_is_released_is_free_at_once_and_a_second_release_is_no_error()
    {
        var slots = new List<long>();
        for (var i = 0; i < 3; i++)
            slots.Add(await TakeAsync(One, "ann", "h1", "a1", Three));
        Assert.Equal(SlotLimit.Max, (await Try(Two, "ann", "h2", "a1", Three)).Full);

        await One.ReleaseAsync(slots[..1]);
        await One.ReleaseAsync(slots[..1]);

        await TakeAsync(Two, "ann", "h2", "a1", Three);
        Assert.Equal(SlotLimit.Max, (await Try(Two, "ann", "h2", "a1", Three)).Full);
    }

    [Fact]
    public async Task a_reservation_that_nothing_confirms_and_a_session_that_nobody_renews_expire_with_their_lease()
    {
        await TakeAsync(One, "ann", "h1", "a1", Three);
        await TakeAsync(One, "ann", "h1", "a1", Three);
        await One.ConfirmAsync([In("ann", "h1", "a1", "s1")], Lease);
        var kept = await One.ConfirmAsync([In("ann", "h1", "a2", "s2")], Lease);

        await PassAsync(Lease - TimeSpan.FromSeconds(1));
        Assert.Equal(SlotLimit.Max, (await Try(Two, "ann", "h2", "a1", Three)).Full);
        Assert.Equal(kept, await One.RenewAsync(kept, Lease));
        await PassAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(["s2"], (await Two.ReadSlotsAsync(null)).Select(s => s.Session));
        await TakeAsync(Two, "ann", "h2", "a1", Three);
        await TakeAsync(Two, "ann", "h2", "a1", Three);
        Assert.Equal(SlotLimit.Max, (await Try(Two, "ann", "h2", "a1", Three)).Full);
    }

    [Fact]
    public async Task a_session_gets_the_oldest_reservation_of_its_user_host_and_address()
    {
        var wanted = new List<long>
        {
            await TakeAsync(One, "Ann", "h1", "a1", Three),
            await TakeAsync(One, "ann", "h1", "a1", Three),
        };
        await TakeAsync(One, "ann", "h2", "a1", Three);
        await TakeAsync(One, "bob", "h1", "a1", Three);
        await TakeAsync(One, "bob", "h1", "a2", Three);

        Assert.Equal(wanted, await One.ConfirmAsync([In("ann", "h1", "a1", "s1"), In("ann", "h1", "a1", "s2")], Lease));
        Assert.Equal(5, (await One.ReadSlotsAsync(null)).Count);
    }

    [Fact]
    public async Task a_session_without_a_reservation_counts_also_above_the_limit_and_only_once()
    {
        var sessions = Enumerable.Range(0, 5).Select(i => In("ann", "h1", "a1", $"s{i}")).ToList();

        var slots = await One.ConfirmAsync(sessions, Lease);

        Assert.Equal(5, slots.Distinct().Count());
        Assert.Equal(slots, await Two.ConfirmAsync(sessions, Lease));
        Assert.Equal(5, (await One.ReadSlotsAsync("ann")).Count);
        Assert.Equal(SlotLimit.Max, (await Try(Two, "ann", "h2", "a1", Three)).Full);
        // The same id at another host is another session.
        Assert.DoesNotContain((await Two.ConfirmAsync([In("ann", "h2", "a1", "s0")], Lease))[0], slots);
        Assert.Empty(await One.ConfirmAsync([], Lease));
    }

    [Fact]
    public async Task a_renewal_says_which_slots_are_gone_and_their_numbers_are_not_used_again()
    {
        var slots = await One.ConfirmAsync([In("ann", "h1", "a1", "s1"), In("ann", "h1", "a1", "s2")], Lease);
        await One.ReleaseAsync([slots[1]]);

        Assert.Equal([slots[0]], await One.RenewAsync(slots, Lease));

        var again = await One.ConfirmAsync([In("ann", "h1", "a1", "s2")], Lease);
        Assert.DoesNotContain(again[0], slots);
        await PassAsync(Lease);
        Assert.Empty(await One.RenewAsync([], Lease));
        Assert.Empty(await One.RenewAsync([.. slots, .. again], Lease));
        Assert.True(await TakeAsync(One, "ann", "h1", "a1", Three) > again[0]);
    }

    private static LoggedIn In(string user, string host, string remote, string session) => new(new LoginClaim(user, host, remote), session);

    private static Task<SlotAnswer> Try(ILoginSlots node, string user, string host, string remote, SlotLimits limits) =>
        node.ReserveAsync(new LoginClaim(user, host, remote), limits, Lease, Patience);

    private static async Task<long> TakeAsync(ILoginSlots node, string user, string host, string remote, SlotLimits limits)
    {
        var answer = await Try(node, user, host, remote, limits);
        Assert.Null(answer.Full);
        return answer.Slot!.Value;
    }
}
