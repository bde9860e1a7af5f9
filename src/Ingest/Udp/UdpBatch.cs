using System.Net;

namespace FtpActors.Ingest.Udp;

/// <summary>What one sender sent at once, not yet decoded.</summary>
/// <param name="Bytes">As much of it as fitted into the buffer.</param>
/// <param name="IsCut">It was longer than that.</param>
/// <param name="Sender">Who says to have sent it.</param>
/// <param name="ReceivedAt">When it was read.</param>
internal readonly record struct Datagram(byte[] Bytes, bool IsCut, IPEndPoint Sender, DateTimeOffset ReceivedAt);

/// <summary>Datagrams that were read since the last batch.</summary>
/// <param name="Datagrams">In the order of the socket.</param>
/// <param name="EmptyAt">The socket was found empty then and all that came before is in this batch or an earlier one; null when more was there to read.</param>
internal sealed record UdpBatch(IReadOnlyList<Datagram> Datagrams, DateTimeOffset? EmptyAt);
