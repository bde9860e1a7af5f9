namespace FtpActors.Journal.Postgres.Spread;

/// <summary>
/// Numbers of deliveries where a journal has several servers: that of the server times 10^15, and from there on as on a single server. Each
/// server counts from its own first one, so nothing is translated. Exact in JavaScript for <see cref="ShardMap.MostServers"/> servers.
/// </summary>
internal static class DeliveryIds
{
    private const long PerServer = 1_000_000_000_000_000;

    /// <summary>The first number of a server.</summary>
    public static long FirstOf(int server) => (server * PerServer) + 1;

    /// <summary>The server that gave a number; one that does not exist for a number that nobody gave.</summary>
    public static long ServerOf(long id) => id / PerServer;
}
