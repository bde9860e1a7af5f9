namespace FtpActors.Protocol.Stored;

/// <summary>Published on the event stream when something that is stored cannot be used: its bytes go to the quarantine, where people see them.</summary>
/// <param name="Source">Which store it is of: <c>journal</c>, <c>spool</c>, <c>history</c>.</param>
/// <param name="Place">Which row or snapshot of whom.</param>
/// <param name="Reason">What is wrong with it, for a person.</param>
/// <param name="Bytes">As they are stored.</param>
public sealed record PutAside(string Source, string Place, string Reason, byte[] Bytes)
{
    /// <summary>A row of the handlers' journal.</summary>
    public const string Journal = "journal";

    /// <summary>A row of a spool.</summary>
    public const string Spool = "spool";

    /// <summary>A row that the history refuses; as JSON.</summary>
    public const string History = "history";
}
