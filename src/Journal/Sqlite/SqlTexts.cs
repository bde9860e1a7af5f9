using System.Reflection;
using System.Text;

namespace FtpActors.Journal.Sqlite;

/// <summary>
/// The statements of the embedded .sql files, by name. All are looked up when the first journal opens, so that a start fails
/// where one is missing, not the first use.
/// </summary>
internal sealed class SqlTexts
{
    private const string Header = "-- name: ";
    private static readonly string[] Files = ["spools.sql", "events.sql", "shards.sql", "sessions.sql", "quarantine.sql", "deliveries.sql", "replays.sql", "retention.sql",
        "login_slots.sql"];
    private static readonly string[] Steps = ["001_journal.sql", "002_deliveries.sql", "003_session_details.sql", "004_login_slots.sql"];

    private readonly Dictionary<string, string> _named = new(StringComparer.Ordinal);

    private SqlTexts()
    {
        Migrations = [.. Steps.Select(ReadFile)];
        foreach (var file in Files)
            Split(file, ReadFile(file));

        ReadJournal = Named("read_journal");
        InsertJournal = Named("insert_journal");
        InsertShard = Named("insert_shard");
        InsertSpool = Named("insert_spool");
        RenameHost = Named("rename_host");
        ReadSpools = Named("read_spools");
        MoveSpool = Named("move_spool");
        ReadSourceState = Named("read_source_state");
        WriteSourceState = Named("write_source_state");
        ReadFirstSpooled = Named("read_first_spooled");
        DropSpooled = Named("drop_spooled");
        InsertEvent = Named("insert_event");
        LastEvent = Named("last_event");
        ReadShard = Named("read_shard");
        ReadShardBackwards = Named("read_shard_backwards");
        ReadEvent = Named("read_event");
        QueryEvents = Named("query_events");
        QueryEventsBackwards = Named("query_events_backwards");
        TakeShard = Named("take_shard");
        ReadCheckpoints = Named("read_checkpoints");
        CountStep = Named("count_step");
        WriteCheckpoint = Named("write_checkpoint");
        ReadBacklog = Named("read_backlog");
        WriteSession = Named("write_session");
        UpdateOpenSession = Named("update_open_session");
        ReadOpenSessions = Named("read_open_sessions");
        QuerySessions = Named("query_sessions");
        QuerySessionsBackwards = Named("query_sessions_backwards");
        CountOpenSessions = Named("count_open_sessions");
        InsertQuarantine = Named("insert_quarantine");
        DeleteQuarantine = Named("delete_quarantine");
        ReadQuarantine = Named("read_quarantine");
        QueryQuarantine = Named("query_quarantine");
        InsertDelivery = Named("insert_delivery");
        ReadDue = Named("read_due");
        ReadNextDue = Named("read_next_due");
        ReadPlace = Named("read_place");
        MoveDelivery = Named("move_delivery");
        DropDelivery = Named("drop_delivery");
        HastenDelivery = Named("hasten_delivery");
        ReviveDelivery = Named("revive_delivery");
        UnblockFirst = Named("unblock_first");
        BlockNext = Named("block_next");
        InsertTry = Named("insert_try");
        ReadTries = Named("read_tries");
        QueryDeliveries = Named("query_deliveries");
        QueryDeliveriesInState = Named("query_deliveries_in_state");
        QueryDeliveriesBackwards = Named("query_deliveries_backwards");
        QueryDeliveriesInStateBackwards = Named("query_deliveries_in_state_backwards");
        CountDeliveries = Named("count_deliveries");
        ReadEpoch = Named("read_epoch");
        InsertReplay = Named("insert_replay");
        ReadReplays = Named("read_replays");
        ReadReplayPositions = Named("read_replay_positions");
        ReadReplayPlace = Named("read_replay_place");
        MoveReplay = Named("move_replay");
        CountReplay = Named("count_replay");
        SetReplayState = Named("set_replay_state");
        DeleteSession = Named("delete_session");
        ReadDropping = Named("read_dropping");
        ReadChunkEnd = Named("read_chunk_end");
        DropEvents = Named("drop_events");
        DropSessions = Named("drop_sessions");
        DropTries = Named("drop_tries");
        DropDeliveries = Named("drop_deliveries");
        InsertLogin = Named("insert_login");
        CountLogins = Named("count_logins");
        FindLogin = Named("find_login");
        FindReservation = Named("find_reservation");
        BindLogin = Named("bind_login");
        RenewLogin = Named("renew_login");
        ExpireLogins = Named("expire_logins");
        ReleaseLogin = Named("release_login");
        ReadLogins = Named("read_logins");
    }

    /// <summary>The one set of texts; reading it for the first time loads the files.</summary>
    public static SqlTexts All { get; } = new();

    /// <summary>Schema steps; the one at index i brings a file to version i + 1.</summary>
    public IReadOnlyList<string> Migrations { get; }

    /// <summary>Every named text, for checks that each can be prepared.</summary>
    public IReadOnlyCollection<string> Statements => _named.Values;

    public string ReadJournal { get; }
    public string InsertJournal { get; }
    public string InsertShard { get; }
    public string InsertSpool { get; }
    public string RenameHost { get; }
    public string ReadSpools { get; }
    public string MoveSpool { get; }
    public string ReadSourceState { get; }
    public string WriteSourceState { get; }
    public string ReadFirstSpooled { get; }
    public string DropSpooled { get; }
    public string InsertEvent { get; }
    public string LastEvent { get; }
    public string ReadShard { get; }
    public string ReadShardBackwards { get; }
    public string ReadEvent { get; }
    public string QueryEvents { get; }
    public string QueryEventsBackwards { get; }
    public string TakeShard { get; }
    public string ReadCheckpoints { get; }
    public string CountStep { get; }
    public string WriteCheckpoint { get; }
    public string ReadBacklog { get; }
    public string WriteSession { get; }
    public string UpdateOpenSession { get; }
    public string ReadOpenSessions { get; }
    public string QuerySessions { get; }
    public string QuerySessionsBackwards { get; }
    public string CountOpenSessions { get; }
    public string InsertQuarantine { get; }
    public string DeleteQuarantine { get; }
    public string ReadQuarantine { get; }
    public string QueryQuarantine { get; }
    public string InsertDelivery { get; }
    public string ReadDue { get; }
    public string ReadNextDue { get; }
    public string ReadPlace { get; }
    public string MoveDelivery { get; }
    public string DropDelivery { get; }
    public string HastenDelivery { get; }
    public string ReviveDelivery { get; }
    public string UnblockFirst { get; }
    public string BlockNext { get; }
    public string InsertTry { get; }
    public string ReadTries { get; }
    public string QueryDeliveries { get; }
    public string QueryDeliveriesInState { get; }
    public string QueryDeliveriesBackwards { get; }
    public string QueryDeliveriesInStateBackwards { get; }
    public string CountDeliveries { get; }
    public string ReadEpoch { get; }
    public string InsertReplay { get; }
    public string ReadReplays { get; }
    public string ReadReplayPositions { get; }
    public string ReadReplayPlace { get; }
    public string MoveReplay { get; }
    public string CountReplay { get; }
    public string SetReplayState { get; }
    public string DeleteSession { get; }
    public string ReadDropping { get; }
    public string ReadChunkEnd { get; }
    public string DropEvents { get; }
    public string DropSessions { get; }
    public string DropTries { get; }
    public string DropDeliveries { get; }
    public string InsertLogin { get; }
    public string CountLogins { get; }
    public string FindLogin { get; }
    public string FindReservation { get; }
    public string BindLogin { get; }
    public string RenewLogin { get; }
    public string ExpireLogins { get; }
    public string ReleaseLogin { get; }
    public string ReadLogins { get; }

    private static string ReadFile(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"sqlite/{name}")
            ?? throw new InvalidOperationException($"The program was built without sqlite/{name}: build it anew from a whole checkout.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private void Split(string file, string text)
    {
        foreach (var part in text.Split(Header, StringSplitOptions.RemoveEmptyEntries))
        {
            var end = part.IndexOf('\n', StringComparison.Ordinal);
            if (!_named.TryAdd(part[..end].Trim(), part[(end + 1)..].Trim()))
                throw new InvalidOperationException($"sqlite/{file} names a statement twice: {part[..end].Trim()}.");
        }
    }

    private string Named(string name) => _named.TryGetValue(name, out var text)
        ? text
        : throw new InvalidOperationException($"The program was built without the SQLite statement {name}: build it anew from a whole checkout.");
}
