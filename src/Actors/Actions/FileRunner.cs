using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using FtpActors.Actors.Actions.Linux;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Actions;

/// <summary>
/// Appends one JSON line: <c>at</c>, <c>rule</c>, <c>delivery_key</c>, <c>attempt</c> and <c>facts</c>. One write to a file opened for appending, then
/// fsync, so lines of several programs do not mix and a line that was reported done is on the disk. A line that a full disk cut short
/// stays as it is; the next one begins on a line of its own.
/// </summary>
public sealed class FileRunner(TimeProvider time) : IActionRunner, IDisposable
{
    private const uint Mode = 0b110_100_000; // 0640 before the umask: the facts name users
    private const int SeekEnd = 2;
    private const int LockExclusive = 2, LockNow = 4;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    // One at a time: the look at the last byte and the write belong together, here and (by the file's lock) in other nodes of the host. The waiters
    // are bounded by whoever calls.
    private readonly SemaphoreSlim _one = new(1);

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var path = ((FileAction)context.Action).Path;
        var line = Line(context);
        await _one.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            // fsync blocks its thread; the pool is the place for that.
            return await Task.Run(() => Append(path, line), CancellationToken.None).ConfigureAwait(false) is { } trouble
                ? ActionOutcome.Later($"{path} was not written: {trouble}")
                : new ActionOutcome(true, Retryable: false, null, $"{line.Length} bytes appended to {path}");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>No line may be being written.</summary>
    public void Dispose() => _one.Dispose();

    private byte[] Line(ActionContext context)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = EventJson.NewWriter(output))
        {
            json.WriteStartObject();
            EventJson.WriteTime(json, "at", time.GetUtcNow());
            json.WriteString("rule"u8, context.Rule);
            json.WriteString("delivery_key"u8, context.DeliveryKey);
            json.WriteNumber("attempt"u8, context.Attempt);
            json.WritePropertyName("facts"u8);
            json.WriteRawValue(context.Facts.Json.Span, skipInputValidation: true);
            json.WriteEndObject();
        }
        return [.. output.WrittenSpan, (byte)'\n'];
    }

    private static unsafe string? Append(string path, byte[] line)
    {
        var fd = Libc.open(path, Libc.O_RDWR | Libc.O_APPEND | Libc.O_CREAT | Libc.O_CLOEXEC, Mode);
        if (fd < 0)
            return Trouble();
        try
        {
            Lock(fd);
            byte last = (byte)'\n';
            var size = Libc.lseek(fd, 0, SeekEnd);
            if (size > 0 && Libc.pread(fd, &last, 1, size - 1) == 1 && last != '\n')
                line = [(byte)'\n', .. line];
            fixed (byte* start = line)
            {
                var written = Libc.write(fd, start, line.Length);
                if (written != line.Length)
                    return written < 0 ? Trouble() : $"only {written} of {line.Length} bytes fitted; is the disk full?";
            }
            return Libc.fsync(fd) == 0 ? null : Trouble();
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    // Until the file is closed. In the middle of another one's write its last byte is no line's end. flock has no limit of its own, hence the tries.
    // Without the lock, where a stranger keeps it or the file system has none, an empty line may come in between: better than to wait for him for ever.
    private static void Lock(int fd)
    {
        var started = Stopwatch.GetTimestamp();
        while (Libc.flock(fd, LockExclusive | LockNow) != 0 && Marshal.GetLastPInvokeError() is Libc.EAGAIN or Libc.EINTR && Stopwatch.GetElapsedTime(started) < LockPatience)
            Thread.Sleep(1);
    }

    private static string Trouble() => Libc.Message(Marshal.GetLastPInvokeError());
}
