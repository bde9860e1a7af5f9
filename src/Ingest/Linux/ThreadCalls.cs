using System.Runtime.InteropServices;

namespace FtpActors.Ingest.Linux;

/// <summary>
/// A signal to one thread. By syscall(2), because the wrappers gettid and tgkill came with glibc 2.30 only and musl has no tgkill.
/// </summary>
internal static partial class ThreadCalls
{
    // asm/unistd.h; these two numbers differ between the machines.
    private static readonly nint GetThreadId = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 178 : 186;
    private static readonly nint ThreadGroupKill = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 131 : 234;

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

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint first, nint second, nint third);
}
