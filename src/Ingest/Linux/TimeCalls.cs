using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>time.h: sleeps shorter than the millisecond that .NET's own sleep can do, and the clock that /proc gives the starts of processes by.</summary>
internal static unsafe partial class TimeCalls
{
    [LibraryImport("libc", SetLastError = true)]
    private static partial int nanosleep(Timespec* wanted, Timespec* left);

    /// <summary>Sleeps; a signal may end it early, which every caller takes as "look again".</summary>
    public static void Nap(TimeSpan time)
    {
        var wanted = new Timespec { Seconds = (long)time.TotalSeconds, Nanoseconds = time.Ticks % TimeSpan.TicksPerSecond * 100 };
        // EINTR is the only error that a valid time can give, and it is not one here.
        _ = nanosleep(&wanted, null);
    }

    /// <summary>Since the boot, suspended time included (CLOCK_BOOTTIME).</summary>
    public static TimeSpan SinceBoot()
    {
        const int boottime = 7;
        Timespec now;
        return clock_gettime(boottime, &now) == 0
            ? new TimeSpan(now.Seconds * TimeSpan.TicksPerSecond + now.Nanoseconds / 100)
            : throw new PlatformNotSupportedException("clock_gettime knows no CLOCK_BOOTTIME; Linux 2.6.39 or later is needed.");
    }

    /// <summary>Whether something keeps the clock right (adjtimex(2)).</summary>
    public static bool IsClockKept()
    {
        // struct timex has 208 bytes on 64-bit machines; with modes 0 nothing is set. TIME_ERROR: not synchronized.
        const int timeError = 5;
        var timex = stackalloc byte[256];
        new Span<byte>(timex, 256).Clear();
        return adjtimex(timex) is >= 0 and not timeError;
    }

    [LibraryImport("libc")]
    private static partial int adjtimex(byte* timex);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int clock_gettime(int clock, Timespec* now);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
