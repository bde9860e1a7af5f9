using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>
/// A signal to one thread, and the rank of one. By syscall(2), because the wrappers gettid and tgkill came with glibc 2.30 only and musl has no tgkill.
/// </summary>
internal static partial class ThreadCalls
{
    // asm/unistd.h; these numbers differ between the machines.
    private static readonly nint GetThreadId = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 178 : 186;
    private static readonly nint ThreadGroupKill = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 131 : 234;
    private static readonly nint SetScheduler = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 119 : 144;

    // linux/sched.h, sys/resource.h.
    private const int SCHED_OTHER = 0;
    private const int SCHED_RESET_ON_FORK = 0x40000000;
    private const int PRIO_PROCESS = 0;
    private const int HighNice = -10;

    /// <summary>asm-generic/signal.h.</summary>
    public const int SIGCONT = 18;

    /// <summary>The kernel's number of the calling thread.</summary>
    public static int Current() => (int)syscall(GetThreadId, 0, 0, 0);

    /// <summary>Sends SIGCONT to a living thread of this process.</summary>
    public static void Continue(int thread)
    {
        if (syscall(ThreadGroupKill, Environment.ProcessId, thread, SIGCONT) != 0)
            throw new InvalidOperationException($"tgkill of thread {thread}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>
    /// Has the calling thread run before others that want to, and none that it starts (setpriority(2), sched(7)); as it was where that is not allowed, which needs CAP_SYS_NICE or RLIMIT_NICE.
    /// </summary>
    public static unsafe void Hurry()
    {
        var noPriority = 0;
        if (syscall(SetScheduler, 0, SCHED_OTHER | SCHED_RESET_ON_FORK, (nint)(&noPriority)) == 0)
            _ = setpriority(PRIO_PROCESS, Current(), HighNice);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setpriority(int which, int who, int nice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);
}
