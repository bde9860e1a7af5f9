using System.Globalization;
using FtpActors.Actors.Stored;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>journal</c>.</summary>
/// <param name="Shards">Number of handlers, 1 to 1024; fixed when the journal is made. Default 2: on few cores more are slower; 16 in PostgreSQL.</param>
/// <param name="IsShared">The journal is in PostgreSQL (<c>kind</c> <c>postgres</c>), for the nodes of a cluster.</param>
/// <param name="Connection">Npgsql's connection string; null where there is none. It may have a password in it: no message shows it.</param>
/// <param name="Servers">Further servers of the journal, for handlers that are given to them; none by default.</param>
/// <param name="Lease">How long a handler node may be silent to the database before its handlers go to others, 2 s to 1 min. Default 6 s.</param>
internal sealed record JournalSection(int Shards, bool IsShared, string? Connection, JournalServers Servers, TimeSpan Lease)
{
    /// <summary>Handlers of a journal when the configuration does not say.</summary>
    public const int DefaultShards = 2;

    private const int DefaultSharedShards = 16;
    private const string ConnectionRule = "must be a connection string, such as \"Host=db;Database=ftpactors;Username=ftpactors;Passfile=/etc/ftpactors/pgpass\"";

    public static JournalSection Read(Section s)
    {
        var isShared = s.OneOf("kind", "sqlite", "sqlite", "postgres") == "postgres";
        var shards = (int)s.Whole("shards", isShared ? DefaultSharedShards : DefaultShards, 1, 1024);
        var section = new JournalSection(
            shards,
            isShared,
            isShared ? s.Secret("connection", ConnectionRule) : null,
            isShared ? ReadServers(s, shards) : JournalServers.One,
            isShared ? s.Duration("lease", TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)) : TimeSpan.Zero);
        s.Done(isSecret: true);
        return section;
    }

    private static JournalServers ReadServers(Section journal, int shards)
    {
        var servers = new List<JournalServer>();
        foreach (var s in journal.List("servers", isSecret: true))
        {
            (int First, int Last) range = (0, -1);
            s.Text("shards", null, $"must be the handlers that it has, from 0 to {shards - 1}, such as \"{shards / 2}-{shards - 1}\"", text => TryRange(text, shards, out range));
            var taken = servers.Find(other => other.First <= range.Last && range.First <= other.Last);
            if (taken is not null)
                s.Problem("shards", $"names handlers that another server has: {taken.First}-{taken.Last}. Each handler has one.");
            servers.Add(new JournalServer(range.First, range.Last, s.Secret("connection", ConnectionRule)));
            s.Done(isSecret: true);
        }
        return new JournalServers(servers);
    }

    private static bool TryRange(string text, int shards, out (int First, int Last) range)
    {
        range = (0, -1);
        var ends = text.Split('-');
        if (ends.Length > 2 || !Array.TrueForAll(ends, end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < shards))
            return false;
        range = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[^1], CultureInfo.InvariantCulture));
        return range.First <= range.Last;
    }
}
