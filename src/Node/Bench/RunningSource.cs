using FtpActors.Ingest;

namespace FtpActors.Node.Bench;

/// <summary>A source that reads until it is disposed.</summary>
internal sealed class RunningSource : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public RunningSource(ISource source) => _running = source.RunAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }
}
