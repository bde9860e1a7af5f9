namespace FtpActors.Actors.Handlers;

/// <summary>The last snapshot of a handler cannot be read: it is made anew from its rows.</summary>
internal sealed class DamagedSnapshotException(int handler, string reason) : Exception($"The snapshot of handler {handler} cannot be read: {reason}.")
{
    /// <summary>Number of the handler.</summary>
    public int Handler => handler;
}
