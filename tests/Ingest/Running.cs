namespace FtpActors.Ingest.Tests;

/// <summary>A source that runs until the end of the test.</summary>
internal sealed class Running(ISource source) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task? _run;

    public static Running Start(ISource source)
    {
        var running = new Running(source);
        running._run = source.RunAsync(running._stop.Token);
        return running;
    }

    public Task State(string state) =>
        Eventually.True(() => source.Status.State == state, () => $"the state is {source.Status}, not {state}");

    public async Task Stop()
    {
        await _stop.CancelAsync();
        await _run!.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _stop.Dispose();
    }
}
