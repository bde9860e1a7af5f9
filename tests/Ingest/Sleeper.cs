using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;

namespace FtpActors.Ingest.Tests;

/// <summary>A thread that waits once at a doorbell.</summary>
internal sealed class Sleeper
{
    private int _thread;

    public Sleeper(SystemVQueue queue, CancellationToken stop) => Woken = Sleep(queue, stop);

    /// <summary>What the wait returned, and when (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public Task<(long Type, long At)> Woken { get; }

    /// <summary>Until the kernel says that the thread is in msgrcv.</summary>
    public Task Asleep() => Eventually.True(
        () => Volatile.Read(ref _thread) is > 0 and var thread && CallOf(thread) == (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "188" : "70"),
        () => $"thread {_thread} is in '{CallOf(_thread)}', not in msgrcv");

    private async Task<(long Type, long At)> Sleep(SystemVQueue queue, CancellationToken stop)
    {
        (long, long) woken = default;
        await SourceThread.Run("sleeper", () =>
        {
            Volatile.Write(ref _thread, ThreadCalls.Current());
            using var doorbell = new Doorbell(queue, stop);
            woken = (doorbell.Wait(), Stopwatch.GetTimestamp());
        });
        return woken;
    }

    /// <summary>"70 0x2 0x7f..." while the thread is in a call, "running" while it is in none.</summary>
    private static string CallOf(int thread) =>
        File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{thread}/syscall")).Split(' ')[0];
}
