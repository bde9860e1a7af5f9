using FtpActors.Actors.Handlers;
using FtpActors.Protocol;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests.Handlers;

/// <summary>Sessions whose messages come from a topic: any node may read them, and their host has no spool of its own.</summary>
public class TopicSessionTests
{
    private const string One = "00000000000000aa";
    private const string Other = "00000000000000bb";

    [Fact]
    public void A_message_that_two_nodes_have_stored_counts_once_within_the_window_and_the_same_of_another_session_counts()
    {
        var applied = new List<StoredEvent>();
        var sequencer = new Sequencer(new ShardOptions { SessionDuplicateWindow = TimeSpan.FromSeconds(60) }, _ => true, applied.Add);
        sequencer.Offer(new StoredEvent(One, 1, Upload(0)));
        sequencer.Offer(new StoredEvent(Other, 1, Upload(50_000)));
        // The dead node comes back, and ships what it had: by its own clock.
        sequencer.Offer(new StoredEvent(One, 2, Upload(10)));
        Assert.Equal((1, 2), (applied.Count, sequencer.Duplicates));
        // Also for a handler that begins at a snapshot.
        var again = new Sequencer(new ShardOptions { SessionDuplicateWindow = TimeSpan.FromSeconds(60) }, _ => true, applied.Add);
        again.Restore(sequencer.Snapshot());
        again.Offer(new StoredEvent(Other, 2, Upload(55_000)));
        Assert.Single(applied);
        again.Offer(new StoredEvent(Other, 3, Upload(200_000)));
        Assert.Equal(2, applied.Count);
    }

    [Fact]
    public void A_session_without_an_end_ends_at_the_idle_limit_of_whoever_reads_its_topic_and_other_hosts_judge_their_own()
    {
        var state = new HandlerState(0, 1, new ShardOptions { IdleLimit = TimeSpan.FromMinutes(1) });
        state.Apply(1, new EventsTaken(0, [new SpoolPart(One, "reader", Start, [new StoredEvent(One, 1, Event(EventKind.Login, 0, session: "s") with { Host = "ftp7" })])]));
        state.Apply(2, new EventsTaken(0, [new SpoolPart(Other, "ftp9", Start, [new StoredEvent(Other, 1, Event(EventKind.Login, 0, session: "t") with { Host = "ftp9" })])]));
        Assert.Equal(2, state.OpenSessions);
        Assert.True(state.WouldMove(One, "reader", Start.AddMinutes(2)));
        var work = state.Apply(3, new EventsTaken(0, [new SpoolPart(One, "reader", Start.AddMinutes(2), [])]));
        Assert.Equal([$"{One}-1"], work.Ended);
        Assert.Equal(1, state.OpenSessions);
    }

    private static FtpEvent Upload(double atMs) => Event(EventKind.Upload, atMs, path: "/a", session: "s") with { Fingerprint = "same" };
}
