using FtpActors.Ingest.Queue;

namespace FtpActors.Ingest.Tests;

/// <summary>Promise 1: a kill at any step loses nothing and stores nothing twice.</summary>
public sealed class SafeTakeCrashTests
{
    private const int TextBytes = 8192;

    [Theory]
    [InlineData("a b c d e f g", 3)]
    [InlineData("x x x x x x x", 3)]
    [InlineData("x x y x x y x x", 4)]
    [InlineData("x", 1)]
    public void A_kill_at_every_step_loses_nothing_and_stores_nothing_twice(string words, int batch)
    {
        var texts = words.Split(' ');
        var kills = 0;
        // The n-th step of the first life is its last; then of the second life too, so that a recovery is killed as well.
        for (var first = 1; RunsWithKills(texts, batch, [first], out _); first++)
        {
            kills++;
            for (var second = 1; RunsWithKills(texts, batch, [first, second], out var reached) && reached == 2; second++)
                kills++;
        }
        Assert.True(kills > texts.Length * 3, $"only {kills} kills happened");
    }

    [Fact]
    public void Without_a_witness_what_is_left_of_a_batch_is_found_by_its_marks()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        q.Send("a", "b", "c", "d");
        Assert.True(Dies(q, spool, 4, "counted", 2));
        File.Delete(q.Options().WitnessPath);
        q.Send("e");
        Drain(q, spool, 4, null);
        Assert.Equal(["a", "b", "c", "d", "e"], spool.Texts);
    }

    [Fact]
    public void A_queue_that_was_made_anew_after_a_kill_holds_nothing_of_the_old_batch()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        q.Send("x", "x");
        Assert.True(Dies(q, spool, 4, "stored", 1));
        q.Open().Remove();
        q.Send("x", "x");
        Drain(q, spool, 4, null);
        Assert.Equal(["x", "x", "x", "x"], spool.Texts);
    }

    [Fact]
    public void A_message_that_came_out_instead_of_the_expected_one_is_stored_even_when_killed_then()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        q.Send("a", "b", "c");
        var queue = q.Open();
        // After "a" is stored and about to be removed, another reader takes it: "b" comes out in its place.
        var steps = 0;
        Assert.Throws<Killed>(() => Drain(q, spool, 1, step =>
        {
            if (step == "cleared" && steps++ == 0)
                Assert.True(queue.TryReceive(new byte[100]) >= 0);
            if (step == "received")
                throw new Killed();
        }));
        Drain(q, spool, 1, null);
        Assert.Equal(["a", "b", "c"], spool.Texts);
    }

    [Fact]
    public void What_another_reader_takes_in_the_middle_of_a_batch_disturbs_nothing_else()
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        q.Send("a", "b", "c", "d");
        var queue = q.Open();
        var stolen = false;
        Drain(q, spool, 4, step =>
        {
            if (step == "counted" && !stolen)
            {
                stolen = true;
                queue.TryReceive(new byte[100]);
                q.Send("e");
            }
        });
        // "c" came out where "b" was expected. It is stored again: in doubt twice, never lost.
        Assert.Equal(["a", "b", "c", "d", "c", "e"], spool.Texts);
    }

    private static bool RunsWithKills(string[] texts, int batch, int[] lives, out int reached)
    {
        using var q = new TestQueue();
        var spool = new TestSpool();
        q.Send(texts);
        reached = 0;
        foreach (var last in lives)
        {
            if (Dies(q, spool, batch, null, last))
                reached++;
        }
        Drain(q, spool, batch, null);
        Assert.Equal(texts, spool.Texts);
        Assert.Equal(0UL, q.Open().Stat().Messages);
        return reached > 0;
    }

    /// <summary>Runs until the n-th step (of a name) and stops there as a kill does; false when the work was done before.</summary>
    private static bool Dies(TestQueue q, TestSpool spool, int batch, string? at, int n)
    {
        try
        {
            Drain(q, spool, batch, step =>
            {
                if ((at is null || step == at) && --n == 0)
                    throw new Killed();
            });
            return false;
        }
        catch (Killed)
        {
            return true;
        }
    }

    private static void Drain(TestQueue q, TestSpool spool, int batch, Action<string>? step)
    {
        using var witness = Witness.Open(q.Options().WitnessPath, TextBytes);
        var saved = spool.ReadSourceStateAsync("ftp").Result;
        var decoder = new TextDecoder();
        var take = new SafeTake(q.Open(), witness, saved is null ? null : TakingState.Decode(saved), 7, batch, (messages, state) =>
        {
            var events = messages.Select(m => decoder.TryDecode(m.AsSpan(8), default, out var e, out _) ? e : throw new InvalidOperationException());
            spool.AppendAsync(new SourceBatch("ftp", [.. events], [], state)).Wait();
        })
        { Step = step };
        take.Settle();
        while (take.Take())
        {
        }
    }

    private sealed class Killed : Exception;
}
