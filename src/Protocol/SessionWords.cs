namespace FtpActors.Protocol;

/// <summary>Words of <see cref="FtpEvent.Extra"/> by which a source with sessions of its own says more of them than the fields of an event can. A word is <c>name=value</c>.</summary>
public static class SessionWords
{
    /// <summary>The server's end of the connection, <c>address:port</c>.</summary>
    public const string Local = "local=";

    /// <summary>Size of the file of a running transfer, bytes.</summary>
    public const string Total = "total=";

    /// <summary>Where in the file a running transfer began, bytes.</summary>
    public const string Restart = "restart=";
}
