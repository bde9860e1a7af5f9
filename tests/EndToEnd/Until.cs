using System.Diagnostics;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Waits for conditions; a test never just sleeps.</summary>
internal static class Until
{
    public static async Task TrueAsync(string what, Func<Task<bool>> condition, int seconds = 60)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > seconds)
                throw new TimeoutException($"Not within {seconds} s: {what}");
            await Task.Delay(20);
        }
    }

    public static Task TrueAsync(string what, Func<bool> condition, int seconds = 60) => TrueAsync(what, () => Task.FromResult(condition()), seconds);
}
