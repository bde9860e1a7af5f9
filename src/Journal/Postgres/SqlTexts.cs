using System.Reflection;
using System.Text;

namespace FtpActors.Journal.Postgres;

/// <summary>
/// The statements of the embedded .sql files. All are looked up when the first journal opens, so that a start fails where one is missing, not
/// the first use.
/// </summary>
internal static class SqlTexts
{
    private const string Header = "-- name: ";
    private static readonly Dictionary<string, string> Texts = ReadAll(
        "journal.sql", "spools.sql", "events.sql", "shards.sql", "sessions.sql", "deliveries.sql", "hosts.sql", "replays.sql", "retention.sql",
        "cluster.sql", "login_slots.sql");

    /// <summary>Schema steps; the one at index i brings a database to version i + 1.</summary>
    public static readonly IReadOnlyList<string> Migrations =
        [.. new[] { "001_journal.sql", "002_deliveries.sql", "003_server.sql", "004_cluster.sql", "005_host_deliveries.sql",
            "006_horizon.sql", "007_session_details.sql", "008_login_slots.sql", "009_spread.sql" }.Select(ReadFile)];

    public static readonly string ReadServer = Named("read_server");
    public static readonly string ReadIdentity = Named("read_identity");
    public static readonly string ReadSystem = Named("read_system");
    public static readonly string HasJournal = Named("has_journal");
    public static readonly string ReadJournal = Named("read_journal");
    public static readonly string ReadJournalSystem = Named("read_journal_system");
    public static readonly string SetJournalSystem = Named("set_journal_system");
    public static readonly string ReadPlaceOfServer = Named("read_place_of_server");
    public static readonly string SetPlaceOfServer = Named("set_place_of_server");
    public static readonly string StartDeliveryIds = Named("start_delivery_ids");
    public static readonly string MayMakeDays = Named("may_make_days");
    public static readonly string LockMigration = Named("lock_migration");
    public static readonly string InsertJournal = Named("insert_journal");
    public static readonly string InsertShards = Named("insert_shards");
    public static readonly string SetVersion = Named("set_version");
    public static readonly string MakeDays = Named("make_days");
    public static readonly string MakeDay = Named("make_day");
    public static readonly string ReadDays = Named("read_days");
    public static readonly string DropDay = Named("drop_day");
    public static readonly string WaitBriefly = Named("wait_briefly");
    public static readonly string InsertSpool = Named("insert_spool");
    public static readonly string LockSpool = Named("lock_spool");
    public static readonly string SkipSpool = Named("skip_spool");
    public static readonly string ReadSpooled = Named("read_spooled");
    public static readonly string ReadHorizons = Named("read_horizons");
    public static readonly string MoveSpool = Named("move_spool");
    public static readonly string MoveDays = Named("move_days");
    public static readonly string MoveShards = Named("move_shards");
    public static readonly string ReadSpools = Named("read_spools");
    public static readonly string NotifyFresh = Named("notify_fresh");
    public static readonly string Listen = Named("listen");
    public static readonly string CopyEvents = Named("copy_events");
    public static readonly string ReadSpoolDays = Named("read_spool_days");
    public static readonly string ReadShard = Named("read_shard");
    public static readonly string ReadShardBackwards = Named("read_shard_backwards");
    public static readonly string ReadEvents = Named("read_events");
    public static readonly string ReadFirstSeq = Named("read_first_seq");
    public static readonly string QueryEvents = Named("query_events");
    public static readonly string QueryEventsBackwards = Named("query_events_backwards");
    public static readonly string ReadAppended = Named("read_appended");
    public static readonly string ReadHeads = Named("read_heads");
    public static readonly string ReadLease = Named("read_lease");
    public static readonly string SetLockTimeout = Named("set_lock_timeout");
    public static readonly string LockShard = Named("lock_shard");
    public static readonly string UnlockShard = Named("unlock_shard");
    public static readonly string HoldsLock = Named("holds_lock");
    public static readonly string ReadHolder = Named("read_holder");
    public static readonly string EndSilentHolder = Named("end_silent_holder");
    public static readonly string TakeShard = Named("take_shard");
    public static readonly string ReadCheckpoints = Named("read_checkpoints");
    public static readonly string CountStep = Named("count_step");
    public static readonly string RequireEpoch = Named("require_epoch");
    public static readonly string LockShardRows = Named("lock_shard_rows");
    public static readonly string WriteCheckpoint = Named("write_checkpoint");
    public static readonly string Heartbeat = Named("heartbeat");
    public static readonly string ReadBacklog = Named("read_backlog");
    public static readonly string ReadWaiting = Named("read_waiting");
    public static readonly string WriteSessions = Named("write_sessions");
    public static readonly string DeleteSessions = Named("delete_sessions");
    public static readonly string ReadOpenSessions = Named("read_open_sessions");
    public static readonly string QuerySessions = Named("query_sessions");
    public static readonly string QuerySessionsBackwards = Named("query_sessions_backwards");
    public static readonly string CountOpenSessions = Named("count_open_sessions");
    public static readonly string InsertDelivery = Named("insert_delivery");
    public static readonly string ReadDue = Named("read_due");
    public static readonly string ReadNextDue = Named("read_next_due");
    public static readonly string ReadPlace = Named("read_place");
    public static readonly string ReadShardsOf = Named("read_shards_of");
    public static readonly string MoveDelivery = Named("move_delivery");
    public static readonly string DropDelivery = Named("drop_delivery");
    public static readonly string HastenDelivery = Named("hasten_delivery");
    public static readonly string ReviveDelivery = Named("revive_delivery");
    public static readonly string UnblockFirst = Named("unblock_first");
    public static readonly string BlockNext = Named("block_next");
    public static readonly string InsertTry = Named("insert_try");
    public static readonly string ReadTries = Named("read_tries");
    public static readonly string QueryDeliveries = Named("query_deliveries");
    public static readonly string QueryDeliveriesBackwards = Named("query_deliveries_backwards");
    public static readonly string CountDeliveries = Named("count_deliveries");
    public static readonly string ClaimDue = Named("claim_due");
    public static readonly string ReadNextClaimable = Named("read_next_claimable");
    public static readonly string RenewClaims = Named("renew_claims");
    public static readonly string ReleaseClaims = Named("release_claims");
    public static readonly string RequireClaim = Named("require_claim");
    public static readonly string ReadHosts = Named("read_hosts");
    public static readonly string NotifyDue = Named("notify_due");
    public static readonly string InsertReplay = Named("insert_replay");
    public static readonly string ReadReplays = Named("read_replays");
    public static readonly string LockReplay = Named("lock_replay");
    public static readonly string MoveReplay = Named("move_replay");
    public static readonly string CountReplay = Named("count_replay");
    public static readonly string SetReplayState = Named("set_replay_state");
    public static readonly string DropSessions = Named("drop_sessions");
    public static readonly string DropDeliveries = Named("drop_deliveries");
    public static readonly string InsertMember = Named("insert_member");
    public static readonly string ReadMember = Named("read_member");
    public static readonly string TakeMember = Named("take_member");
    public static readonly string LockMember = Named("lock_member");
    public static readonly string UnlockMember = Named("unlock_member");
    public static readonly string RelaxBeat = Named("relax_beat");
    public static readonly string BeatMember = Named("beat_member");
    public static readonly string ReadCluster = Named("read_cluster");
    public static readonly string OrderMember = Named("order_member");
    public static readonly string TryMember = Named("try_member");
    public static readonly string ForgetMember = Named("forget_member");
    public static readonly string IsDown = Named("is_down");
    public static readonly string EndShardsOf = Named("end_shards_of");
    public static readonly string NotifyCluster = Named("notify_cluster");
    public static readonly string ClaimReplay = Named("claim_replay");
    public static readonly string ReleaseReplay = Named("release_replay");
    public static readonly string BeginLogin = Named("begin_login");
    public static readonly string LockLogin = Named("lock_login");
    public static readonly string ReserveLogin = Named("reserve_login");
    public static readonly string ConfirmLogin = Named("confirm_login");
    public static readonly string RenewLogins = Named("renew_logins");
    public static readonly string ExpireLogins = Named("expire_logins");
    public static readonly string ReleaseLogins = Named("release_logins");
    public static readonly string ReadLogins = Named("read_logins");

    private static string Named(string name) => Texts.TryGetValue(name, out var text)
        ? text
        : throw new InvalidOperationException($"The program was built without the PostgreSQL statement {name}: build it anew from a whole checkout.");

    private static Dictionary<string, string> ReadAll(params string[] files) => files
        .SelectMany(file => ReadFile(file).Split(Header, StringSplitOptions.RemoveEmptyEntries))
        .Select(part => part.Split('\n', 2))
        .ToDictionary(part => part[0].Trim(), part => part[1].Trim(), StringComparer.Ordinal);

    private static string ReadFile(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"postgres/{name}")
            ?? throw new InvalidOperationException($"The program was built without postgres/{name}: build it anew from a whole checkout.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
