namespace FtpActors.Actors.Actions.Kafka;

/// <summary>Where actions of kind <c>kafka</c> write to.</summary>
/// <param name="Brokers">Brokers to begin with, <c>host:port</c> with commas between.</param>
/// <param name="Properties">Any property of librdkafka that is not in <see cref="Reserved"/>.</param>
/// <param name="Formats">What messages have in them, by name; <see cref="AllFormat"/> is always there.</param>
public sealed record KafkaOptions(string Brokers, IReadOnlyDictionary<string, string> Properties, IReadOnlyDictionary<string, KafkaFormat> Formats)
{
    /// <summary>The format of those that name none: all facts under our own names.</summary>
    public const string AllFormat = "all";

    /// <summary>What a promise depends on: each message once, in order, and on every replica before it counts as written.</summary>
    public static IReadOnlyList<string> Reserved { get; } = ["bootstrap.servers", "acks", "request.required.acks", "enable.idempotence"];
}
