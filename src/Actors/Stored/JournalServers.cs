using System.Globalization;

namespace FtpActors.Actors.Stored;

/// <summary>Which server has the journal of which handler, when one is not enough. The first one has what no other is given; it also has the history and the locks.</summary>
/// <param name="Further">The others, with handlers that no two of them share.</param>
public sealed record JournalServers(IReadOnlyList<JournalServer> Further)
{
    /// <summary>One for all handlers.</summary>
    public static JournalServers One { get; } = new([]);

    /// <summary>Number of servers.</summary>
    public int Count => Further.Count + 1;

    /// <summary>Index of a handler's server; 0 is the first one.</summary>
    public int Of(int handler)
    {
        for (var i = 0; i < Further.Count; i++)
        {
            if (Further[i].Has(handler))
                return i + 1;
        }
        return 0;
    }

    /// <summary>Name of a server's plugins, as <see cref="SqlPlugin"/> makes them.</summary>
    /// <param name="server">Its index.</param>
    public static string NameOf(int server) => server == 0 ? "handlers" : string.Create(CultureInfo.InvariantCulture, $"handlers-{server}");

    /// <summary>Id of the journal plugin of a handler.</summary>
    public string JournalPluginOf(int handler) => $"akka.persistence.journal.{NameOf(Of(handler))}";

    /// <summary>Id of its snapshot store.</summary>
    public string SnapshotPluginOf(int handler) => $"akka.persistence.snapshot-store.{NameOf(Of(handler))}";

    /// <summary>Id of a server's read journal.</summary>
    /// <param name="server">Its index.</param>
    public static string ReadPluginOf(int server) => $"akka.persistence.query.journal.{NameOf(server)}";

    /// <summary>The handlers of a server in words, such as <c>0-7,12</c>; "" for none.</summary>
    /// <param name="server">Its index.</param>
    /// <param name="handlers">Number of all handlers.</param>
    public string ShareOf(int server, int handlers)
    {
        var ranges = new List<string>();
        for (var first = 0; first < handlers; first++)
        {
            if (Of(first) != server)
                continue;
            var last = first;
            while (last + 1 < handlers && Of(last + 1) == server)
                last++;
            ranges.Add(first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"));
            first = last;
        }
        return string.Join(',', ranges);
    }
}

/// <summary>A further server.</summary>
/// <param name="First">Its first handler.</param>
/// <param name="Last">Its last one.</param>
/// <param name="Connection">Npgsql's connection string; null on a node without handlers. It may have a password in it.</param>
public sealed record JournalServer(int First, int Last, string? Connection)
{
    /// <summary>Whether it has the journal of a handler.</summary>
    public bool Has(int handler) => handler >= First && handler <= Last;
}
