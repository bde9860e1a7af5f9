using System.Globalization;
using FtpActors.Ingest.Linux;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Queue;

/// <summary>Decodes a batch once; what cannot be decoded goes to quarantine with it.</summary>
internal sealed class QueueDecoding(string source, IMessageDecoder decoder, TimeProvider time)
{
    public SourceBatch Decode(QueueBatch batch)
    {
        var now = time.GetUtcNow();
        var events = new List<FtpEvent>(batch.Messages.Count);
        var quarantined = new List<QuarantinedMessage>();
        foreach (var message in batch.Messages)
        {
            var text = message.AsSpan(SystemVQueue.TypeBytes);
            if (decoder.TryDecode(text, now, out var e, out var reason))
                events.Add(e);
            else
                quarantined.Add(new QuarantinedMessage(now, source, TypeOf(message), reason, text.ToArray()));
        }
        return new SourceBatch(source, events, quarantined, batch.State);
    }

    private static string TypeOf(byte[] message) => string.Create(CultureInfo.InvariantCulture, $"type {BitConverter.ToInt64(message)}");
}
