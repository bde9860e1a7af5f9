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
        () => CallOf(Volatile.Read(ref _thread)) == (RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "188" : "70"),
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

    /// <summary>Number of the call that the thread is in; "running" while it is in none, empty before it has started.</summary>
    private static string CallOf(int thread) => thread == 0
        ? ""
        : File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{thread}/syscall")).Split(' ')[0];
}
