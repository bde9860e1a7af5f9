
namespace FtpActors.Node.Hosting;

/// <summary>Log lines of the node itself. Ids 1000 to 1099; an id that is no longer used is not used again.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1000, LogLevel.Information, "Node {Node} {Version} starts; configuration {File}")]
    public static partial void Starting(this ILogger log, string node, string version, string file);

    [LoggerMessage(1001, LogLevel.Information, "Node {Node} is ready: API {Url}, journal {Folder}, spool {Spool}, {Shards} shards")]
    public static partial void Ready(this ILogger log, string node, string url, string folder, string spool, int shards);

    [LoggerMessage(1002, LogLevel.Information, "{Signal} received: draining")]
    public static partial void Draining(this ILogger log, string signal);

    [LoggerMessage(1003, LogLevel.Information, "Everything stored has been applied; the node has ended")]
    public static partial void Ended(this ILogger log);

    [LoggerMessage(1005, LogLevel.Error, "Source {Source} failed in a way it does not handle itself; it is started again in {Seconds} s")]
    public static partial void SourceFailed(this ILogger log, Exception e, string source, double seconds);

    [LoggerMessage(1006, LogLevel.Information, "Configuration re-read: {Key} changed to {Value} and is in force")]
    public static partial void Applied(this ILogger log, string key, string value);

    [LoggerMessage(1007, LogLevel.Warning, "Configuration re-read: {Key} changed; it takes a restart to come into force")]
    public static partial void NeedsRestart(this ILogger log, string key);

    [LoggerMessage(1008, LogLevel.Information, "Configuration re-read: nothing changed")]
    public static partial void NothingChanged(this ILogger log);

    [LoggerMessage(1009, LogLevel.Error, "Configuration not re-read, the one in force stays: {Problem}")]
    public static partial void NotReread(this ILogger log, string problem);

    [LoggerMessage(1010, LogLevel.Warning, "Source {Source}: {Trouble}")]
    public static partial void SourceTrouble(this ILogger log, string source, string trouble);

    [LoggerMessage(1011, LogLevel.Information, "Source {Source} ({Kind}) is {State}")]
    public static partial void SourceState(this ILogger log, string source, string kind, string state);

    [LoggerMessage(1012, LogLevel.Warning, "Source {Source}: {Warning}")]
    public static partial void SourceWarning(this ILogger log, string source, string warning);

    [LoggerMessage(1013, LogLevel.Error, "Request {Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger log, Exception e, string method, string path);

    [LoggerMessage(1014, LogLevel.Information, "Server behind source {Source} reported as restarted: its open sessions end")]
    public static partial void ServerRestarted(this ILogger log, string source);

    [LoggerMessage(1015, LogLevel.Warning, "Backlog is high: {Waiting} events wait, the oldest since {Oldest:O}; most in shard {Shard}")]
    public static partial void BacklogHigh(this ILogger log, long waiting, DateTimeOffset oldest, int shard);

    [LoggerMessage(1016, LogLevel.Warning, "The backlog was not looked at: {Reason}")]
    public static partial void BacklogNotSeen(this ILogger log, string reason);

    [LoggerMessage(1017, LogLevel.Information, "{Count} rules are in force, of {File}; {Users} users")]
    public static partial void RulesInForce(this ILogger log, int count, string file, int users);

    [LoggerMessage(1020, LogLevel.Information, "Retention: {What} from before {Before:O} were dropped")]
    public static partial void Dropped(this ILogger log, string what, DateTimeOffset before);

    [LoggerMessage(1021, LogLevel.Warning, "Retention: tried again in an hour: {Reason}")]
    public static partial void NotDropped(this ILogger log, string reason);

    [LoggerMessage(1033, LogLevel.Warning, "The spool does not answer yet: {Reason}")]
    public static partial void SpoolNotReady(this ILogger log, string reason);

    [LoggerMessage(EventId = 1035, Message = "{Text}")]
    public static partial void ActorSaid(this ILogger log, LogLevel level, Exception? e, string text);

    [LoggerMessage(1034, LogLevel.Warning, "{Count} actions did not end in the time of grace and were ended; they will run again")]
    public static partial void ActionsCut(this ILogger log, int count);

    [LoggerMessage(1036, LogLevel.Warning, "The cluster has gone on without this node, which begins anew: {Reason}")]
    public static partial void Lost(this ILogger log, string reason);

    [LoggerMessage(1037, LogLevel.Warning, "The node cannot start yet, tried again in {Seconds} s: {Reason}")]
    public static partial void NotStarted(this ILogger log, string reason, double seconds);

    [LoggerMessage(1038, LogLevel.Error, "The history is damaged in {Place}: {Reason}. Stop the node, move it away, and start it: it is made anew from the journal")]
    public static partial void HistoryDamaged(this ILogger log, string place, string reason);

    [LoggerMessage(1039, LogLevel.Warning, "The history was not checked for damage: {Reason}")]
    public static partial void HistoryNotChecked(this ILogger log, string reason);

    [LoggerMessage(1041, LogLevel.Warning, "The figures of this node could not be read; read again in a moment")]
    public static partial void NotLooked(this ILogger log, Exception reason);

    [LoggerMessage(1042, LogLevel.Error, "{File} is damaged beside its payloads; {Rows} rows were mended and are read again: {Reason}")]
    public static partial void JournalMended(this ILogger log, string file, long rows, string reason);

    [LoggerMessage(1040, LogLevel.Warning, "The service manager at {Address} is not told how the node is: {Reason}")]
    public static partial void ServiceManagerNotReached(this ILogger log, string address, string reason);
}
