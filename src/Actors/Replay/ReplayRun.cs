using FtpActors.Journal;

namespace FtpActors.Actors.Replay;

/// <summary>
/// One replay from where it stands to its end: the stored events of every shard in the order they came, shards in parallel, then the sessions.
/// What it makes is committed with its position, so an interrupt at any point makes nothing twice and leaves nothing out.
/// </summary>
internal sealed class ReplayRun(
    IJournal journal, IReplays replays, ReplayRecord record, ReplayPlan plan, ReplayTally tally, ShardOptions options, TimeProvider time,
    Action<int> wake, Guid runner)
{
    /// <summary>Deliveries of one transaction: bounds memory, and how long others wait for the journal.</summary>
    public const int MostDeliveries = 500;

    public ReplayPlan Plan => plan;

    public ReplayTally Tally => tally;

    public IJournal Journal => journal;

    public IReplays Replays => replays;

    public ShardOptions Options => options;

    public string Id => record.Id;

    public DateTimeOffset Now => time.GetUtcNow();

    public async Task RunAsync(CancellationToken cancel)
    {
        var spools = await journal.ReadSpoolsAsync().ConfigureAwait(false);
        if (plan.Scan.Kinds!.Count > 0)
        {
            var heads = await journal.ReadBacklogAsync().ConfigureAwait(false);
            tally.Total(heads.GroupBy(h => h.Spool).Sum(spool => spool.Max(h => h.Head)));
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
            await Parallel.ForEachAsync(Enumerable.Range(0, journal.Shards), parallel, async (shard, stop) =>
            {
                foreach (var spool in spools)
                    await new ReplayWalk(this, shard, spool).RunAsync(PositionIn(shard, spool), stop).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        if ((plan.Starts || plan.Ends) && spools.Count > 0)
            await new ReplaySessions(this, spools[0]).RunAsync(shard => PositionIn(shard, spools[0]), cancel).ConfigureAwait(false);
    }

    /// <summary>Stores a position and what was made on the way to it. A full disk is waited out.</summary>
    public async Task MoveAsync(ReplayMove move, CancellationToken cancel)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                var made = await replays.MoveReplayAsync(move with { Runner = runner }).ConfigureAwait(false);
                tally.Made(made);
                if (made > 0)
                    wake(move.Shard);
                return;
            }
            catch (JournalUnavailableException)
            {
                await Task.Delay(backoff.Next(), time, cancel).ConfigureAwait(false);
            }
        }
    }

    private long PositionIn(int shard, string spool) => record.Positions.FirstOrDefault(p => p.Shard == shard && p.Spool == spool)?.Seq ?? 0;
}
