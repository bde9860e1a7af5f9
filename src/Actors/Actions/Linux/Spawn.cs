using System.Runtime.InteropServices;

namespace FtpActors.Actors.Actions.Linux;

/// <summary>posix_spawn and what its child needs (spawn.h of glibc). .NET's own Process cannot pass arguments that are not UTF-8.</summary>
internal static unsafe partial class Spawn
{
    // Room for glibc's structs: posix_spawnattr_t has 336 bytes on x86-64 and arm64, posix_spawn_file_actions_t 80.
    private const int StructRoom = 512;
    private const short SetProcessGroup = 0x02;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;

    // SIGHUP INT QUIT USR1 USR2 PIPE TERM CHLD TSTP TTIN TTOU: .NET ignores SIGPIPE and nohup ignores SIGHUP, and a program would inherit that.
    private static ReadOnlySpan<byte> ResetSignals => [1, 2, 3, 10, 12, 13, 15, 17, 20, 21, 22];

    private static readonly bool HasCloseFrom =
        NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "posix_spawn_file_actions_addclosefrom_np", out _);

    /// <summary>Starts a program in a process group of its own, with stdin /dev/null and stdout on a descriptor.</summary>
    /// <param name="arguments">Arguments, the first of them the path; no NUL inside.</param>
    /// <param name="environment">NAME=value; no NUL inside.</param>
    /// <param name="folder">Working folder.</param>
    /// <param name="output">Descriptor for stdout.</param>
    /// <param name="pid">The process.</param>
    /// <param name="withErrors">Whether stderr goes to <paramref name="output"/>, too; else to /dev/null.</param>
    /// <returns>0, else the errno of the step that failed, exec's too.</returns>
    public static int Start(IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment, byte[] folder, int output, out int pid, bool withErrors = true)
    {
        var actions = stackalloc byte[StructRoom];
        var attributes = stackalloc byte[StructRoom];
        var signals = stackalloc ulong[16];
        new Span<ulong>(signals, 16).Clear();
        pid = 0;
        var error = posix_spawn_file_actions_init(actions);
        error |= posix_spawnattr_init(attributes);
        try
        {
            fixed (byte* devNull = "/dev/null\0"u8, cwd = Terminated([folder], out _))
            {
                error |= posix_spawn_file_actions_addopen(actions, 0, devNull, ReadOnly, 0);
                error |= posix_spawn_file_actions_adddup2(actions, output, 1);
                error |= withErrors
                    ? posix_spawn_file_actions_adddup2(actions, output, 2)
                    : posix_spawn_file_actions_addopen(actions, 2, devNull, WriteOnly, 0);
                error |= posix_spawn_file_actions_addchdir_np(actions, cwd);
                // Ours are close-on-exec; this is for descriptors that a native library opened without it.
                if (HasCloseFrom)
                    error |= posix_spawn_file_actions_addclosefrom_np(actions, 3);

                error |= posix_spawnattr_setsigmask(attributes, signals);
                foreach (var signal in ResetSignals)
                    signals[0] |= 1UL << (signal - 1);
                error |= posix_spawnattr_setsigdefault(attributes, signals);
                error |= posix_spawnattr_setpgroup(attributes, 0);
                error |= posix_spawnattr_setflags(attributes, SetProcessGroup | SetSignalDefaults | SetSignalMask);
                // Only a lack of memory can make these fail.
                return error != 0 ? Libc.ENOMEM : Start(arguments, environment, actions, attributes, out pid);
            }
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    private static int Start(IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment, byte* actions, byte* attributes, out int pid)
    {
        fixed (byte* argumentText = Terminated(arguments, out var argumentStarts), environmentText = Terminated(environment, out var environmentStarts))
        {
            var argv = Pointers(argumentText, argumentStarts);
            var envp = Pointers(environmentText, environmentStarts);
            fixed (nint* argvStart = argv, envpStart = envp)
                return posix_spawn(out pid, argumentText, actions, attributes, argvStart, envpStart);
        }
    }

    // All texts in one array, each with its NUL, so that one pin holds them.
    private static byte[] Terminated(IReadOnlyList<byte[]> texts, out int[] starts)
    {
        var all = new byte[texts.Sum(t => t.Length + 1) + 1];
        starts = new int[texts.Count];
        var at = 0;
        for (var i = 0; i < texts.Count; i++)
        {
            starts[i] = at;
            texts[i].CopyTo(all, at);
            at += texts[i].Length + 1;
        }
        return all;
    }

    private static nint[] Pointers(byte* text, int[] starts)
    {
        var pointers = new nint[starts.Length + 1];
        for (var i = 0; i < starts.Length; i++)
            pointers[i] = (nint)(text + starts[i]);
        return pointers;
    }

    [LibraryImport("libc")]
    private static partial int posix_spawn(out int pid, byte* path, byte* actions, byte* attributes, nint* argv, nint* envp);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, byte* path, int flags, uint mode);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int newFd);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, byte* path);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclosefrom_np(byte* actions, int from);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setpgroup(byte* attributes, int group);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(byte* attributes, ulong* signals);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(byte* attributes, ulong* signals);
}
