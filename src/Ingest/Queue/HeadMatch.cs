namespace FtpActors.Ingest.Queue;

/// <summary>
/// Where the messages of a stored batch stand at the head of the queue. A queue gives its messages in order, so what is left of a
/// batch is a suffix of it and lies at the very head.
/// </summary>
internal static class HeadMatch
{
    /// <summary>
    /// How many of <paramref name="batch"/> are gone: the smallest number whose remaining suffix is what <paramref name="head"/> begins
    /// with, so the longest match wins. All of them when no suffix matches.
    /// </summary>
    /// <param name="batch">Marks of the messages that may be left, in order.</param>
    /// <param name="head">Marks of the first messages of the queue; no more than the batch has are looked at.</param>
    public static int Gone(ReadOnlySpan<MessageMark> batch, ReadOnlySpan<MessageMark> head)
    {
        for (var gone = Math.Max(0, batch.Length - head.Length); gone < batch.Length; gone++)
        {
            var left = batch[gone..];
            if (head[..left.Length].SequenceEqual(left))
                return gone;
        }
        return batch.Length;
    }
}
