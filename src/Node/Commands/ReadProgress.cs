using System.Diagnostics;
using System.Globalization;

namespace FtpActors.Node.Commands;

/// <summary>Shows on a terminal that a long list is still being read; nothing of it is in the list. Where the list itself is on the terminal it is shown only until that begins.</summary>
internal sealed class ReadProgress : IDisposable
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Timer? _timer;
    private long _count;
    private bool _isShown;
    private bool _isOver;

    public ReadProgress() => _timer = Console.IsErrorRedirected ? null : new Timer(_ => Show(), null, First, Every);

    /// <summary>One more was read.</summary>
    public void Count()
    {
        _count++;
        if (_count == 1 && !Console.IsOutputRedirected)
            Dispose();
    }

    /// <summary>Clears the line.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isOver = true;
            if (_isShown)
                Console.Error.Write("\r\x1B[K");
            _isShown = false;
        }
        _timer?.Dispose();
    }

    private void Show()
    {
        lock (_gate)
        {
            if (_isOver)
                return;
            _isShown = true;
            var seconds = Stopwatch.GetElapsedTime(_began).TotalSeconds;
            Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r\x1B[K{Interlocked.Read(ref _count):N0} so far, {seconds:0} s …"));
        }
    }
}
