using System.Diagnostics;

namespace FtpActors.Actors.Tests;

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
}
