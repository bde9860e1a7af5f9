using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>time.h: sleeps shorter than the millisecond that .NET's own sleep can do.</summary>
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

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
