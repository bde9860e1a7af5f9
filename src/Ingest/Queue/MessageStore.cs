using System.Globalization;
using FtpActors.Ingest.Linux;
using FtpActors.Journal;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Queue;

/// <summary>Decodes a batch once and hands it to the spool until that has it.</summary>
internal sealed class MessageStore(string source, ISpool spool, IMessageDecoder decoder, TimeProvider time, SourceReport report)
{
    /// <summary>Blocks until the batch is durable. While the spool cannot store, nothing more is read.</summary>
    /// <exception cref="OperationCanceledException">Stopped while the spool could not store; nothing was stored.</exception>
    public void Store(IReadOnlyList<byte[]> messages, byte[]? state, CancellationToken stop)
    {
        var batch = Decode(messages, state);
        var backoff = new Backoff(time);
        while (true)
        {
            try
            {
                spool.AppendAsync(batch).GetAwaiter().GetResult();
                report.Stored(messages.Count, batch.Quarantined.Count);
                report.Reading();
                return;
            }
            catch (JournalUnavailableException e)
            {
                report.Waiting($"{messages.Count} messages wait for the spool: {e.Message}");
                backoff.Wait(stop);
            }
        }
    }

    private SourceBatch Decode(IReadOnlyList<byte[]> messages, byte[]? state)
    {
        var now = time.GetUtcNow();
        var events = new List<FtpEvent>(messages.Count);
        var quarantined = new List<QuarantinedMessage>();
        foreach (var message in messages)
        {
            var text = message.AsSpan(SystemVQueue.TypeBytes);
            if (decoder.TryDecode(text, now, out var e, out var reason))
                events.Add(e);
            else
                quarantined.Add(new QuarantinedMessage(now, source, TypeOf(message), reason, text.ToArray()));
        }
        return new SourceBatch(source, events, quarantined, state);
    }

    private static string TypeOf(byte[] message) => string.Create(CultureInfo.InvariantCulture, $"type {BitConverter.ToInt64(message)}");
}
