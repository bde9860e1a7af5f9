using System.Threading.Channels;

namespace FtpActors.Node.Http;

/// <summary>
/// Wakes readers that follow the journal. It carries no events: a reader that was woken reads them from the journal after its own
/// position, so a slow one costs no memory, misses nothing and sees nothing twice.
/// </summary>
internal sealed class FreshSignal
{
    private readonly Lock _gate = new();
    private Channel<bool>[] _readers = [];
    private long _rings;

    /// <summary>How often it has rung.</summary>
    public long Rings => Interlocked.Read(ref _rings);

    /// <summary>There may be something new.</summary>
    public void Ring()
    {
        Interlocked.Increment(ref _rings);
        foreach (var reader in Volatile.Read(ref _readers))
            reader.Writer.TryWrite(true);
    }

    /// <summary>A reader's bell: one place, and a ring while it is taken is the same ring.</summary>
    public Bell Listen()
    {
        var bell = new Bell(this, Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }));
        lock (_gate)
            _readers = [.. _readers, bell.Channel];
        return bell;
    }

    private void Forget(Channel<bool> channel)
    {
        lock (_gate)
            _readers = [.. _readers.Where(r => r != channel)];
    }

    /// <summary>Rings when events became durable since the last wait.</summary>
    internal sealed class Bell(FreshSignal signal, Channel<bool> channel) : IDisposable
    {
        internal Channel<bool> Channel => channel;

        /// <summary>Waits for it; false when it has been silent for so long.</summary>
        public async Task<bool> RingsAsync(TimeSpan silence, CancellationToken cancel)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            limit.CancelAfter(silence);
            try
            {
                return await channel.Reader.ReadAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose() => signal.Forget(channel);
    }
}
