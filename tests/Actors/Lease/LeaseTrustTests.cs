using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Lease;
using Microsoft.Extensions.Time.Testing;

namespace FtpActors.Actors.Tests.Lease;

/// <summary>The lease over simulated time: three owners that want it all the time, a server that can crash, a network that can be cut, processes that can freeze.</summary>
public sealed class LeaseTrustTests
{
    [Fact]
    public void The_next_owner_waits_for_the_rest_of_half_a_limit_and_never_longer()
    {
        var limit = TimeSpan.FromSeconds(6);
        Assert.Equal(TimeSpan.Zero, LeaseTrust.WaitOf(null, limit));
        Assert.Equal(TimeSpan.FromSeconds(2), LeaseTrust.WaitOf(TimeSpan.FromSeconds(1), limit));
        Assert.Equal(TimeSpan.Zero, LeaseTrust.WaitOf(TimeSpan.FromSeconds(5), limit));
        // A server that took over whose clock is behind.
        Assert.Equal(TimeSpan.FromSeconds(3), LeaseTrust.WaitOf(TimeSpan.FromMinutes(-1), limit));
    }

    [Fact]
    public void Nobody_takes_it_for_its_own_while_another_one_does_whatever_freezes_crashes_or_is_cut() => Prop.ForAll(
        Gen.Choose(0, 40).ListOf(600).Zip(Gen.Choose(0, 3).ListOf(600)).ToArbitrary(),
        play => new Play().Run([.. play.Item1], [.. play.Item2])).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    // A tick is a twelfth of the limit; a question is answered within it, or never.
    private sealed class Play
    {
        private const int Owners = 3;
        private const int Limit = 12;
        private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

        private readonly FakeTimeProvider _time = new();
        private readonly Owner[] _owners = [.. Enumerable.Range(0, Owners).Select(_ => new Owner())];
        private int _now;
        // Of the server: whose session has the lock, when each was last heard, and the row of the last confirmation, which a crash does not take.
        private int? _holder;
        private readonly int[] _heard = new int[Owners];
        private (int Owner, int At)? _row;
        private int _hadIt;

        public bool Run(List<int> happenings, List<int> whom)
        {
            for (_now = 0; _now < happenings.Count; _now++)
            {
                _time.Advance(Tick);
                Happen(happenings[_now], whom[_now] % Owners);
                foreach (var owner in Enumerable.Range(0, Owners).Where(o => _owners[o].FrozenUntil <= _now))
                    Step(owner);
                // Whoever is silent for the limit loses its session.
                if (_holder is { } holder && _now - _heard[holder] >= Limit)
                    _holder = null;
                if (Enumerable.Range(0, Owners).Count(o => _owners[o].FrozenUntil <= _now && _owners[o].Trust is { IsGood: true }) > 1)
                    return false;
            }
            // A play in which nobody ever had it shows nothing.
            return _hadIt > 0;
        }

        private void Happen(int what, int whom)
        {
            switch (what)
            {
                case 0:
                    _owners[whom].FrozenUntil = _now + 3 + (whom * 9);
                    break;
                case 1:
                    _owners[whom].CutUntil = _now + 5 + (whom * 9);
                    break;
                case 2:
                    // A crash: no session is left, and nobody is told before it asks.
                    _holder = null;
                    foreach (var owner in _owners)
                        owner.HasSession = false;
                    break;
            }
        }

        private void Step(int number)
        {
            var owner = _owners[number];
            if (owner.CutUntil > _now)
                return;
            if (owner.Trust is { } trust)
                Confirm(number, owner, trust);
            else if (owner.WaitsUntil is { } until)
                Begin(number, owner, until);
            else if (_holder is null)
                Take(number, owner);
        }

        private void Take(int number, Owner owner)
        {
            (_holder, _heard[number], owner.HasSession) = (number, _now, true);
            var written = _row is { } row && row.Owner != number && row.At + Limit > _now ? Tick * (_now - row.At) : (TimeSpan?)null;
            owner.WaitsUntil = _now + (int)Math.Ceiling(LeaseTrust.WaitOf(written, Tick * Limit) / Tick);
        }

        private void Begin(int number, Owner owner, int until)
        {
            if (!Has(number, owner))
                owner.WaitsUntil = null;
            else if (_now >= until)
            {
                (owner.WaitsUntil, owner.Trust, _hadIt) = (null, new LeaseTrust(Tick * Limit, _time), _hadIt + 1);
                Confirm(number, owner, owner.Trust);
            }
        }

        private void Confirm(int number, Owner owner, LeaseTrust trust)
        {
            var asked = trust.Ask();
            if (Has(number, owner))
            {
                (_heard[number], _row) = (_now, (number, _now));
                trust.Confirm(asked);
            }
            else
            {
                trust.Lose();
                owner.Trust = null;
            }
        }

        private bool Has(int number, Owner owner) => owner.HasSession && _holder == number;
    }

    private sealed class Owner
    {
        public int FrozenUntil { get; set; }

        public int CutUntil { get; set; }

        public bool HasSession { get; set; }

        public int? WaitsUntil { get; set; }

        public LeaseTrust? Trust { get; set; }
    }
}
