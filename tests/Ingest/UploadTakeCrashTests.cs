using FtpActors.Ingest.PureFtpd;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.Tests;

/// <summary>A kill at any step of the taking loses nothing and stores nothing twice, while the server holds the pipe.</summary>
public sealed class UploadTakeCrashTests
{
    [Theory]
    [InlineData("/a /b /c /d")]
    [InlineData("/x /x /x /x")]
    public void A_kill_at_every_step_loses_nothing_and_stores_nothing_twice(string words)
    {
        var paths = words.Split(' ');
        var kills = 0;
        for (var first = 1; Runs(paths, [first]) == 1; first++)
        {
            kills++;
            for (var second = 1; Runs(paths, [first, second]) == 2; second++)
                kills++;
        }
        Assert.True(kills >= 12, $"only {kills} kills happened");
    }

    [Fact]
    public void A_pipe_that_was_made_anew_after_a_kill_holds_nothing_of_the_old_batch()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        using (fifo.Open())
        {
            fifo.Write("/x");
            Assert.True(Dies(fifo, spool, 1));
        }
        fifo.Release();
        File.Delete(fifo.Path);
        using (fifo.Open())
        {
            fifo.Write("/x");
            Drain(fifo, spool, null);
        }
        Assert.Equal(["/x", "/x"], spool.Texts);
    }

    [Fact]
    public void What_another_reader_leaves_is_stored_and_the_theft_is_noticed()
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        using var open = fifo.Open();
        fifo.Write("/a", "/b", "/c");
        var thief = new byte[UploadPipe.Encode(new UploadRecord("alice", "/a")).Length];
        var steals = Drain(fifo, spool, step =>
        {
            if (step == "begun" && spool.Texts.Count == 3)
                Assert.Equal(thief.Length, open.Take(thief));
        });
        Assert.Equal(1, steals);
        // In doubt twice, never lost.
        Assert.Equal(["/a", "/b", "/c", "/b", "/c"], spool.Texts);
    }

    /// <summary>Writes one record before each step of the work, kills as told, and drains; the kills that happened.</summary>
    private static int Runs(string[] paths, int[] kills)
    {
        using var fifo = new TestFifo();
        var spool = new TestSpool();
        using var open = fifo.Open();
        fifo.Write(paths[..2]);
        var happened = 0;
        for (var life = 0; life < kills.Length; life++)
        {
            if (Dies(fifo, spool, kills[life]))
                happened++;
            // Perhaps byte-identical to what a killed reader has or has not taken.
            if (life == 0)
                fifo.Write(paths[2]);
        }
        Drain(fifo, spool, null);
        fifo.Write(paths[3]);
        Drain(fifo, spool, null);
        Assert.Equal(paths, spool.Texts);
        Assert.Equal(0, open.Peek(new byte[open.Bytes]));
        return happened;
    }

    private static bool Dies(TestFifo fifo, TestSpool spool, int n)
    {
        try
        {
            Drain(fifo, spool, _ =>
            {
                if (--n == 0)
                    throw new Killed();
            });
            return false;
        }
        catch (Killed)
        {
            return true;
        }
    }

    private static int Drain(TestFifo fifo, TestSpool spool, Action<string>? step)
    {
        using var open = fifo.Open();
        using var witness = FifoWitness.Open(fifo.Options.WitnessPath, open.Bytes);
        var saved = spool.ReadSourceStateAsync("pure").Result;
        var take = new UploadTake(open, witness, saved is null ? null : FifoState.Decode(saved), Queue.TakingState.DigestOf(open.Identity), UploadPipe.TryRead, (_, pieces, state) =>
        {
            var events = pieces.Where(p => p.Record is not null).Select(p => PureFtpdEvents.OfUpload(p.Record!, default, "h", "pure"));
            spool.AppendAsync(new SourceBatch("pure", [.. events], [], state.Encode())).Wait();
        })
        { Step = step };
        take.Settle();
        while (take.Take())
        {
        }
        return take.Steals;
    }

    private sealed class Killed : Exception;
}
