using System.Globalization;
using Akka.Cluster.Sharding;
using FtpActors.Actors.Logins;
using FtpActors.Protocol.Shipping;

namespace FtpActors.Actors.Clustering;

/// <summary>A shard for each handler, and one for each slice of the login slots: they are few, and each is moved by itself.</summary>
/// <param name="count">How many there are. A node that is configured with another number must not bring more to life.</param>
internal sealed class ShardExtractor(int count) : IMessageExtractor
{
    /// <summary>The id of the entity, and of its shard.</summary>
    public static string IdOf(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string? EntityId(object message) => message switch
    {
        IForHandler { Handler: var handler } when IsOne(handler) => IdOf(handler),
        IForLogins { Slice: var slice } when IsOne(slice) => IdOf(slice),
        _ => null,
    };

    /// <inheritdoc/>
    public object EntityMessage(object message) => message;

    /// <inheritdoc/>
    public string? ShardId(object message) => EntityId(message);

    /// <inheritdoc/>
    public string ShardId(string entityId, object? messageHint = null) => entityId;

    private bool IsOne(int number) => number >= 0 && number < count;
}
