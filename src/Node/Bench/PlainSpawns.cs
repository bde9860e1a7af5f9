using System.Diagnostics;
using FtpActors.Actors.Actions.Linux;

namespace FtpActors.Node.Bench;

/// <summary>
/// The physical limit of starting commands: threads that do nothing but posix_spawn and waitpid, with the calls that the runner itself uses,
/// no pipe, no environment.
/// </summary>
internal static class PlainSpawns
{
    /// <summary>Commands per second.</summary>
    /// <param name="loops">Threads.</param>
    /// <param name="count">Commands of all of them.</param>
    public static async Task<double> RunAsync(int loops, int count)
    {
        byte[][] arguments = ["/bin/true"u8.ToArray()];
        var folder = "/"u8.ToArray();
        var (read, write) = Libc.Pipe();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, loops).Select(_ => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < count / loops; i++)
                {
                    var errno = Spawn.Start(arguments, [], folder, write, out var pid);
                    if (errno != 0)
                        throw new IOException($"posix_spawn /bin/true: {Libc.Message(errno)}");
                    _ = Libc.Reap(pid);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var elapsed = Stopwatch.GetElapsedTime(started);
        _ = Libc.close(read);
        _ = Libc.close(write);
        return count / loops * loops / elapsed.TotalSeconds;
    }
}
