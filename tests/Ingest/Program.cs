using System.Runtime.InteropServices;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Queue;
using FtpActors.Ingest.Tests;

// The helper process of the tests: "<key> <folder> <uid>" reads a queue in safe mode into a file, as <uid>, until it is killed
// or its standard input ends. It prints its status whenever that changes state.
if (args is not [var key, var folder, var uid])
{
    Console.Error.WriteLine("usage: <key> <folder> <uid>");
    return 2;
}
using var spool = new FileSpool(Path.Combine(folder, "spool"));
var source = new NcFtpdQueueSource(
    new NcFtpdQueueOptions { Name = "ftp", Key = QueueKey.Parse(key), DataFolder = folder, QueueBytes = 65536, Batch = 16 },
    spool, new TextDecoder(), TestStreams.Materializer, TimeProvider.System);
if (uid != "0" && Credentials.setresuid(uint.Parse(uid), uint.Parse(uid), uint.Parse(uid)) != 0)
{
    Console.Error.WriteLine($"setresuid: errno {Marshal.GetLastPInvokeError()}");
    return 3;
}
using var stop = new CancellationTokenSource();
var run = source.RunAsync(stop.Token);
// Console.In blocks even in its asynchronous methods.
var input = Task.Run(Console.In.ReadToEnd);
var state = "";
while (!input.IsCompleted && !run.IsCompleted)
{
    var status = source.Status;
    if (status.State != state)
    {
        Console.WriteLine(status);
        state = status.State;
    }
    await Task.WhenAny(input, run, Task.Delay(10));
}
await stop.CancelAsync();
await run;
return 0;

internal static partial class Credentials
{
    /// <summary>glibc changes the user of all threads of the process.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);
}
