using System.Collections.Frozen;
using System.Net;

namespace FtpActors.Ingest.Udp;

/// <summary>Who may send; an empty list allows everybody. Any thread may change it while another asks.</summary>
internal sealed class AllowedSenders(IReadOnlyList<IPAddress> senders)
{
    private volatile FrozenSet<IPAddress> _allowed = SetOf(senders);

    /// <summary>Everybody may send.</summary>
    public bool AreAll => _allowed.Count == 0;

    public void Replace(IReadOnlyList<IPAddress> senders) => _allowed = SetOf(senders);

    public bool Contain(IPAddress sender) => _allowed is { Count: 0 } || _allowed.Contains(sender);

    private static FrozenSet<IPAddress> SetOf(IReadOnlyList<IPAddress> senders) =>
        senders.Select(a => a.IsIPv4MappedToIPv6 ? a.MapToIPv4() : a).ToFrozenSet();
}
