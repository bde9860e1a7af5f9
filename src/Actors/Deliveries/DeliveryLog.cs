using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Deliveries;

/// <summary>Log lines of deliveries. Ids 2100 to 2199; an id that is no longer used is not used again.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(2101, LogLevel.Warning, "Delivery {Key} ({Id}) is a dead letter: {Reason}")]
    public static partial void DeadLetter(this ILogger log, string key, long id, string reason);

    [LoggerMessage(2102, LogLevel.Warning, "Deliveries of shard {Shard} (-1: of this host) wait for the journal: {Reason}")]
    public static partial void DeliveriesWait(this ILogger log, int shard, string reason);

    [LoggerMessage(2103, LogLevel.Warning, "{Count} actions did not end in the time of grace and were ended; they will run again")]
    public static partial void ActionsCut(this ILogger log, int count);

    [LoggerMessage(2104, LogLevel.Error, "Delivery {Key} ({Id}) failed in a way that is no outcome of its action; it stays due")]
    public static partial void DeliveryFailed(this ILogger log, Exception failure, string key, long id);

    [LoggerMessage(2105, LogLevel.Warning, "The result of delivery {Key} was not stored: {Reason}")]
    public static partial void ClaimLost(this ILogger log, string key, string reason);
}
