using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

public sealed class SequencerTests
{
    // FsCheck's own integers are small, and most of a run's seeds would be the same few.
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void Order_any_duplicate_and_reorder_pattern_inside_the_windows_gives_the_same_sessions_as_the_clean_order() =>
        Prop.ForAll(Seeds, seed =>
        {
            var random = new Random(seed);
            var clean = DisorderedTraffic.Clean(random);
            var expected = Run(clean).Summary();
            var actual = Run(DisorderedTraffic.Disorder(clean, random)).Summary();
            Assert.Equal(expected, actual);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void The_same_patterns_without_mending_give_other_sessions()
    {
        var random = new Random(1);
        var clean = DisorderedTraffic.Clean(random);
        var unmended = DisorderedTraffic.Disorder(clean, random).Select(e => e with { Fingerprint = null });
        Assert.NotEqual(Run(clean).Summary(), Run(unmended).Summary());
    }

    [Fact]
    public void Events_of_an_ordered_source_pass_untouched_even_when_they_look_out_of_order()
    {
        var played = Run([Event(EventKind.Logout, 0), Event(EventKind.Login, 1), Event(EventKind.Login, 1), Event(EventKind.Delete, 2, path: "/a")]);
        Assert.Equal([EventKind.Logout, EventKind.Login, EventKind.Login, EventKind.Delete], played.Passed.Select(e => e.Kind));
        Assert.Equal(0, played.Sequencer.Duplicates);
        Assert.Equal(0, played.Sequencer.Reordered);
    }

    [Fact]
    public void An_event_of_an_open_session_is_never_held()
    {
        var played = new PlayedSessions(new ShardOptions());
        played.Offer(Event(EventKind.Login, 0, udp: true));
        played.Offer(Event(EventKind.Upload, 1, path: "/a", bytes: 1, udp: true));
        played.Offer(Event(EventKind.List, 2, path: "/", udp: true));
        Assert.False(played.Sequencer.Holds);
        Assert.Equal(3, played.Passed.Count);
    }

    [Fact]
    public void A_login_that_comes_late_lets_go_what_waited_for_it()
    {
        var played = new PlayedSessions(new ShardOptions());
        played.Offer(Event(EventKind.Upload, 0, path: "/a", bytes: 1, udp: true));
        Assert.Empty(played.Passed);
        played.Offer(Event(EventKind.Login, 200, udp: true));
        Assert.Equal([EventKind.Login, EventKind.Upload], played.Passed.Select(e => e.Kind));
        Assert.Equal(1, played.Sequencer.Reordered);
    }

    [Fact]
    public void Nothing_is_held_longer_than_the_reorder_window()
    {
        var played = new PlayedSessions(new ShardOptions());
        played.Offer(Event(EventKind.Upload, 0, path: "/a", udp: true));
        played.Sequencer.Advance(PlayedSessions.Spool, Start.AddMilliseconds(300));
        Assert.Empty(played.Passed);
        played.Sequencer.Advance(PlayedSessions.Spool, Start.AddMilliseconds(301));
        Assert.Single(played.Passed);
        Assert.False(played.Sequencer.Holds);
    }

    [Fact]
    public void Two_spools_of_which_one_is_behind_keep_the_order_of_each_session() =>
        Prop.ForAll(Seeds, seed =>
        {
            var random = new Random(seed);
            List<FtpEvent> Of(string host) => [.. DisorderedTraffic.Clean(random).Select(e => e with { Host = host, User = $"{host}-{e.User}" })];
            var (prompt, late) = (Of("ftp1"), Of("ftp2"));
            var expected = Run([.. prompt, .. late]).Summary();

            // However the two are interleaved: each spool keeps its own order, and its time is only its own.
            var played = new PlayedSessions(new ShardOptions());
            var waiting = new Queue<FtpEvent>(DisorderedTraffic.Disorder(late, random));
            foreach (var e in DisorderedTraffic.Disorder(prompt, random))
            {
                played.Offer(e, "aaaaaaaaaaaaaaaa");
                while (waiting.Count > 0 && random.Next(3) == 0)
                    played.Offer(waiting.Dequeue(), "bbbbbbbbbbbbbbbb");
            }
            played.Sequencer.Advance("aaaaaaaaaaaaaaaa", DateTimeOffset.MaxValue);
            while (waiting.TryDequeue(out var e))
                played.Offer(e, "bbbbbbbbbbbbbbbb");
            played.Sequencer.Advance(_ => DateTimeOffset.MaxValue);
            Assert.Equal(expected, played.Summary());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void What_a_spool_holds_waits_for_its_own_time()
    {
        var played = new PlayedSessions(new ShardOptions());
        played.Offer(Event(EventKind.Upload, 0, path: "/a", bytes: 1, udp: true), "bbbbbbbbbbbbbbbb");
        played.Offer(Event(EventKind.Login, 60_000, user: "eve", udp: true), "aaaaaaaaaaaaaaaa");
        played.Sequencer.Advance("aaaaaaaaaaaaaaaa", DateTimeOffset.MaxValue);
        Assert.True(played.Sequencer.Holds);
        played.Offer(Event(EventKind.Login, 200, udp: true), "bbbbbbbbbbbbbbbb");
        Assert.Equal([EventKind.Login, EventKind.Login, EventKind.Upload], played.Passed.Select(e => e.Kind));
    }

    [Fact]
    public void Transfers_that_waited_are_let_go_in_the_order_of_their_ends()
    {
        var played = Run(
        [
            Event(EventKind.Upload, 0, path: "/second", time: Start.AddSeconds(-1), seconds: 0.9, udp: true),
            Event(EventKind.Upload, 1, path: "/first", time: Start.AddSeconds(-1), seconds: 0.2, udp: true),
            Event(EventKind.Login, 2, udp: true),
        ]);
        Assert.Equal([null, "/first", "/second"], played.Passed.Select(e => e.Path));
    }

    [Fact]
    public void A_transfer_repeated_after_seconds_is_one_but_a_delete_repeated_after_300_ms_is_two()
    {
        var upload = Event(EventKind.Upload, 0, path: "/a", bytes: 5, time: Start, seconds: 1, udp: true);
        var delete = Event(EventKind.Delete, 10, path: "/a", udp: true);
        var played = Run(
        [
            Event(EventKind.Login, -10, udp: true), upload, delete,
            delete with { ReceivedAt = Start.AddMilliseconds(200) },
            delete with { ReceivedAt = Start.AddMilliseconds(311) },
            upload with { ReceivedAt = Start.AddSeconds(9) },
            upload with { ReceivedAt = Start.AddSeconds(11) },
        ]);
        Assert.Equal(2, played.Sequencer.Duplicates);
        var session = Assert.Single(played.Sessions);
        Assert.Equal(2, session.Uploads);
        Assert.Equal(2, session.Deletes);
    }

    [Fact]
    public void A_quick_second_login_is_not_applied_before_the_logout_that_waits()
    {
        var played = Run(
        [
            Event(EventKind.Login, 0, udp: true), Event(EventKind.Logout, 1000, udp: true),
            Event(EventKind.Login, 1100, udp: true), Event(EventKind.Logout, 2000, udp: true),
        ]);
        Assert.Equal(2, played.Sessions.Count());
        Assert.All(played.Sessions, s => Assert.Equal(SessionCertainty.Likely, s.Certainty));
    }

    [Fact]
    public void A_flood_of_one_user_without_a_login_is_let_go_in_linear_time()
    {
        var flood = Enumerable.Range(0, 20_000).Select(i => Event(EventKind.Delete, i * 0.01, path: $"/f{i}", udp: true));
        var played = Run(flood);
        Assert.Equal(20_000, Assert.Single(played.Sessions).Deletes);
    }
}
