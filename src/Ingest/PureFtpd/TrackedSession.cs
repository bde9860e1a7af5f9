using System.Net;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>A session of the scoreboard, from its first sight to its end.</summary>
internal sealed class TrackedSession
{
    public required int Pid { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public string Id => PureFtpdSession.Id(StartedAt, Pid);
    /// <summary>"" until the password was accepted.</summary>
    public string Account { get; set; } = "";
    /// <summary>The client's address.</summary>
    public required string Peer { get; init; }
    /// <summary>The transfer that runs, as far as is known.</summary>
    public Transfer? Transfer { get; set; }
    /// <summary>A transfer that came and went between two readings: its figures, not its file.</summary>
    public Transfer? Unseen { get; set; }
    /// <summary>What an idle entry said last of the transfer before it; the server's zeros before the first.</summary>
    public TransferFigures Last { get; set; }
    /// <summary>Its process is over.</summary>
    public bool IsOver { get; set; }
    /// <summary>Whether it was killed; null while it lives and when its end was not seen.</summary>
    public bool? WasKilled { get; set; }

    public static TrackedSession Of(ScoreboardEntry e) =>
        new() { Pid = e.Pid, StartedAt = e.StartedAt, Peer = AddressOf(e.Peer), Last = new TransferFigures(e.StartedAt, 0, 0, 0) };

    /// <summary>A copy without what the scoreboard will say again.</summary>
    public TrackedSession ToRemember() => new()
    {
        Pid = Pid, StartedAt = StartedAt, Account = Account, Peer = Peer, Last = Last,
        Transfer = Transfer is null ? null : Transfer with { Position = Transfer.RestartAt, ToldAt = null },
    };

    private static string AddressOf(IPEndPoint? peer) =>
        peer is null ? "" : (peer.Address.IsIPv4MappedToIPv6 ? peer.Address.MapToIPv4() : peer.Address).ToString();
}

/// <summary>The figures of a transfer; its start alone would not tell it from another of the same second.</summary>
/// <param name="StartedAt">Whole seconds.</param>
/// <param name="RestartAt">Where it began.</param>
/// <param name="Total">See <see cref="ScoreboardEntry.TotalSize"/>.</param>
/// <param name="Position">Where it ended.</param>
internal readonly record struct TransferFigures(DateTimeOffset StartedAt, long RestartAt, long Total, long Position)
{
    public static TransferFigures Of(ScoreboardEntry e) => new(e.TransferStartedAt, e.RestartAt, e.TotalSize, e.CurrentSize);
}
