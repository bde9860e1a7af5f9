using System.Net;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Logins;
using FtpActors.Protocol.Globs;

namespace FtpActors.Actors.Tests;

public sealed class SlotTableTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    [Fact]
    public void The_first_limit_that_fits_a_user_counts_in_any_case_and_one_without_figures_is_an_exception()
    {
        var limits = Logins.Limits(("admin", null), ("GUEST*", 1), ("*", 3));

        Assert.Null(limits.Of("Admin"));
        Assert.Equal(1, limits.Of("guest7")!.Max);
        Assert.Equal(3, limits.Of("Żółw")!.Max);
        Assert.Null(Logins.Limits(("guest", 1)).Of("ann"));
        Assert.Equal(0, new LoginLimits([new LoginLimit(Glob.ForName("x"), new SlotLimits(null, 0, null))]).Of("x")!.MaxPerHost);
    }

    [Fact]
    public void A_session_is_confirmed_once_renewed_while_it_is_there_and_released_when_it_is_gone()
    {
        var table = Make();
        Assert.Equal(["ann"], Confirm(table, Logins.Entry("ann", 1), Logins.Entry("?", 2), Logins.Entry("free", 3)).Select(c => c.Claim.User));

        var same = table.Plan([Logins.Entry("ann", 1), Logins.Entry("ann", 4)]);
        Assert.Equal((1, 1, 0), (same.Confirm.Count, same.Renew.Count, same.Release.Count));
        Assert.Equal(Logins.Entry("ann", 4).Session, same.Confirm[0].Session);
        Assert.Equal(new LoginClaim("ann", "h1", "192.0.2.7"), same.Confirm[0].Claim);

        var gone = table.Plan([]);
        Assert.Equal((0, 0, 1), (gone.Confirm.Count, gone.Renew.Count, gone.Release.Count));
        table.Released(gone.Release);
        Assert.Empty(table.Plan([]).Release);
        Assert.Equal(0, table.Held);
    }

    [Fact]
    public void A_slot_that_the_store_has_lost_is_asked_for_anew()
    {
        var table = Make();
        Confirm(table, Logins.Entry("ann", 1), Logins.Entry("ann", 2));
        var slots = table.HeldSlots();

        table.Renewed(slots, [slots[1]]);

        Assert.Equal([Logins.Entry("ann", 1).Session], table.Plan([Logins.Entry("ann", 1), Logins.Entry("ann", 2)]).Confirm.Select(c => c.Session));
    }

    [Fact]
    public void A_reservation_is_awaited_until_its_session_is_confirmed_or_its_lease_is_over()
    {
        var table = Make();
        Assert.False(table.IsAwaiting(Logins.Start));
        table.Reserved(new LoginClaim("Ann", "h1", "192.0.2.7"), Logins.Start);
        table.Reserved(new LoginClaim("ann", "h1", "192.0.2.8"), Logins.Start);

        Confirm(table, Logins.Entry("ann", 1));
        Assert.True(table.IsAwaiting(Logins.Start));
        Confirm(table, Logins.Entry("ann", 1), Logins.Entry("ann", 2, "192.0.2.8"));
        Assert.False(table.IsAwaiting(Logins.Start));

        // A wrong password: no session ever comes.
        table.Reserved(new LoginClaim("ann", "h1", "192.0.2.7"), Logins.Start);
        Assert.True(table.IsAwaiting(Logins.Start + Lease - TimeSpan.FromTicks(1)));
        Assert.False(table.IsAwaiting(Logins.Start + Lease));
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:DB8:0::1", "2001:db8::1")]
    [InlineData("fe80::1%3", "fe80::1")]
    [InlineData("client.example.com", "client.example.com")]
    public void An_address_is_the_same_however_it_is_written(string peer, string remote)
    {
        Assert.Equal(remote, SlotTable.RemoteOf(peer));
        if (IPAddress.TryParse(peer, out var address))
            Assert.Equal(remote, SlotTable.RemoteOf(address));
    }

    [Fact]
    public void Whatever_comes_and_goes_every_limited_session_ends_up_with_one_slot_and_nothing_else_has_one() => Prop.ForAll(
        Gen.ListOf(Gen.Choose(0, 12).ListOf()).ToArbitrary(), readings =>
        {
            var table = Make();
            var store = new Dictionary<string, long>(StringComparer.Ordinal);
            var last = 0L;
            foreach (var pids in readings)
            {
                // Every third session is of a user without a limit, every fourth not logged in yet.
                var entries = pids.Distinct().Select(pid => Logins.Entry(pid % 3 == 0 ? "free" : pid % 4 == 0 ? "?" : "ann", pid)).ToList();
                var plan = table.Plan(entries);
                foreach (var slot in plan.Release)
                    Assert.True(store.Remove(store.Single(s => s.Value == slot).Key));
                table.Released(plan.Release);
                foreach (var session in plan.Confirm)
                    store.Add(session.Session, ++last);
                table.Confirmed(plan.Confirm, [.. plan.Confirm.Select(c => store[c.Session])]);

                Assert.Equal(entries.Where(e => e.Account == "ann").Select(e => e.Session).Order(StringComparer.Ordinal), store.Keys.Order(StringComparer.Ordinal));
                Assert.Equal(store.Values.Order(), table.HeldSlots().Order());
            }
        }).QuickCheckThrowOnFailure();

    private static SlotTable Make() => new("h1", Logins.Limits(("free", null), ("*", 3)), Lease);

    private static IReadOnlyList<LoggedIn> Confirm(SlotTable table, params Protocol.PureFtpd.ScoreboardEntry[] entries)
    {
        var plan = table.Plan(entries);
        table.Confirmed(plan.Confirm, [.. plan.Confirm.Select(c => (long)c.Session.GetHashCode(StringComparison.Ordinal))]);
        return plan.Confirm;
    }
}
