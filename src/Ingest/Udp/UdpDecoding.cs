using System.Net;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Udp;

/// <summary>A decoded batch on its way through the spool.</summary>
/// <param name="Batch">For the spool.</param>
/// <param name="EmptyAt">As <see cref="UdpBatch.EmptyAt"/>.</param>
/// <param name="IsStored">It is durable.</param>
internal sealed record UdpStoring(SourceBatch Batch, DateTimeOffset? EmptyAt, bool IsStored = false)
{
    public int Messages => Batch.Events.Count + Batch.Quarantined.Count;
}

/// <summary>Decodes datagrams, each with the fingerprint by which its duplicates are known.</summary>
internal sealed class UdpDecoding(string source, IMessageDecoder decoder, DatagramFingerprint fingerprint)
{
    public UdpStoring Decode(UdpBatch batch)
    {
        var events = new List<FtpEvent>(batch.Datagrams.Count);
        var quarantined = new List<QuarantinedMessage>();
        Span<byte> sender = stackalloc byte[18];
        foreach (var datagram in batch.Datagrams)
        {
            if (decoder.TryDecode(datagram.Bytes, datagram.ReceivedAt, out var e, out var reason))
            {
                events.Add(e with
                {
                    Fingerprint = fingerprint(BytesOf(datagram.Sender, sender), datagram.Bytes),
                    Flags = datagram.IsCut ? e.Flags | EventFlags.BufferTruncated : e.Flags,
                });
            }
            else
            {
                quarantined.Add(new QuarantinedMessage(datagram.ReceivedAt, source, datagram.Sender.ToString(), reason, datagram.Bytes));
            }
        }
        return new UdpStoring(new SourceBatch(source, events, quarantined), batch.EmptyAt);
    }

    private static ReadOnlySpan<byte> BytesOf(IPEndPoint sender, Span<byte> bytes)
    {
        sender.Address.TryWriteBytes(bytes, out var n);
        bytes[n] = (byte)(sender.Port >> 8);
        bytes[n + 1] = (byte)sender.Port;
        return bytes[..(n + 2)];
    }
}
