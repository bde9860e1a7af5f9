using System.Diagnostics;

namespace FtpActors.Journal.Tests;

/// <summary>Waits on conditions.</summary>
internal static class Eventually
{
    /// <summary>Returns how long it took.</summary>
    public static Task<TimeSpan> IsTrueAsync(Func<bool> condition, string what) => IsTrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>Returns how long it took.</summary>
    public static async Task<TimeSpan> IsTrueAsync(Func<Task<bool>> condition, string what)
    {
        var limit = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(30), $"It never happened that {what}.");
            await Task.Delay(20);
        }
        return limit.Elapsed;
    }

    /// <summary>Takes a shard as soon as it is free.</summary>
    public static async Task<(ShardLease Lease, TimeSpan After)> TakeAsync(IJournal journal, int shard, string owner)
    {
        ShardLease? lease = null;
        var after = await IsTrueAsync(async () =>
        {
            try
            {
                lease = await journal.TakeShardAsync(shard, owner);
                return true;
            }
            catch (Exception e) when (e is ShardHeldException or JournalUnavailableException)
            {
                return false;
            }
        }, $"shard {shard} was free");
        return (lease!, after);
    }
}
