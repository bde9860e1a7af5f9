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
    private static readonly string[] Files = ["spools.sql", "events.sql", "shards.sql", "sessions.sql", "quarantine.sql"];
    private static readonly string[] Steps = ["001_journal.sql"];

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
        ReadOpenSessions = Named("read_open_sessions");
        QuerySessions = Named("query_sessions");
        QuerySessionsBackwards = Named("query_sessions_backwards");
        InsertQuarantine = Named("insert_quarantine");
        DeleteQuarantine = Named("delete_quarantine");
        ReadQuarantine = Named("read_quarantine");
        QueryQuarantine = Named("query_quarantine");
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
    public string ReadOpenSessions { get; }
    public string QuerySessions { get; }
    public string QuerySessionsBackwards { get; }
    public string InsertQuarantine { get; }
    public string DeleteQuarantine { get; }
    public string ReadQuarantine { get; }
    public string QueryQuarantine { get; }

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
