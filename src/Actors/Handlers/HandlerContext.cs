using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.History;
using FtpActors.Actors.Stored;

namespace FtpActors.Actors.Handlers;

/// <summary>What the handlers of a node share.</summary>
/// <param name="Handlers">Number of all handlers, fixed when the journal is made.</param>
/// <param name="Options">Windows and limits.</param>
/// <param name="Book">The rules.</param>
/// <param name="Runner">Runs actions.</param>
/// <param name="Slots">How many actions run at once on the node.</param>
/// <param name="Deliveries">How deliveries are made.</param>
/// <param name="Hosts">The other hosts, for actions there.</param>
/// <param name="History">The read model.</param>
/// <param name="Writer">The way into it.</param>
/// <param name="Time">The clock.</param>
/// <param name="Servers">Where the journals are.</param>
public sealed record HandlerContext(
    int Handlers, ShardOptions Options, RuleBook Book, IActionRunner Runner, ActionSlots Slots, DeliveryOptions Deliveries, IHosts Hosts, HistoryDatabase History,
    HistoryWriter Writer, TimeProvider Time, JournalServers Servers)
{
    /// <summary>Id of the journal plugin of the handlers, on the first server when there are several.</summary>
    public const string JournalPlugin = "akka.persistence.journal.handlers";

    /// <summary>Id of the snapshot store, likewise.</summary>
    public const string SnapshotPlugin = "akka.persistence.snapshot-store.handlers";

    /// <summary>Id of the read journal, likewise.</summary>
    public const string ReadPlugin = "akka.persistence.query.journal.handlers";

    /// <summary>The persistence id of a handler. Stored: it never changes.</summary>
    public static string PersistenceIdOf(int handler) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"handler-{handler:00}");
}
