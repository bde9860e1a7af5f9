using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace FtpActors.Journal;

/// <summary>
/// An actor's bounded inbox: many writers, one reader. A full mailbox refuses; the writer does not wait, because what is refused
/// here can be read from the journal later.
/// </summary>
/// <typeparam name="T">The messages.</typeparam>
public sealed class Mailbox<T>(int capacity)
{
    private readonly Channel<T> _channel = Channel.CreateBounded<T>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Puts a message in; false when the mailbox is full.</summary>
    public bool TryPost(T message) => _channel.Writer.TryWrite(message);

    /// <summary>Takes the next message without waiting.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T message) => _channel.Reader.TryRead(out message);

    /// <summary>Looks at the next message without taking it.</summary>
    public bool TryPeek([MaybeNullWhen(false)] out T message) => _channel.Reader.TryPeek(out message);

    /// <summary>Waits until there is a message or <paramref name="limit"/> has passed. Returns at once when <paramref name="cancel"/> fires.</summary>
    public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            await _channel.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The limit or the stop: the actor's loop looks which by itself.
        }
    }
}
