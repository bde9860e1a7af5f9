using System.Text.Json;

namespace FtpActors.Ingest.Kafka;

/// <summary>Where the reading of one partition stands: see <see cref="OffsetTrail"/>.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Partition">Partition.</param>
/// <param name="Next">All messages before were told.</param>
/// <param name="Above">Messages behind it that were told.</param>
internal sealed record PartitionPlace(string Topic, int Partition, long Next, IReadOnlyList<long> Above);

/// <summary>
/// What is stored with each batch: with it a node that was killed between storing and committing knows what it has. Bytes: version 1 and JSON.
/// </summary>
/// <param name="Group">Consumer group; with another one, places mean nothing.</param>
/// <param name="Places">Of every partition that was ever read.</param>
internal sealed record KafkaState(string Group, IReadOnlyList<PartitionPlace> Places)
{
    private const byte Version = 1;

    public byte[] Encode() => [Version, .. JsonSerializer.SerializeToUtf8Bytes(this)];

    /// <exception cref="InvalidDataException">Of a version, or a form, that is not known.</exception>
    public static KafkaState Decode(byte[]? bytes, string group)
    {
        if (bytes is null)
            return new KafkaState(group, []);
        try
        {
            if (bytes is [Version, ..] && JsonSerializer.Deserialize<KafkaState>(bytes.AsSpan(1)) is { } state)
                return state.Group == group ? state : new KafkaState(group, []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The stored state of this Kafka source is damaged: {e.Message}", e);
        }
        throw new InvalidDataException(
            $"The stored state of this Kafka source ({bytes.Length} bytes, version {(bytes.Length > 0 ? bytes[0] : 0)}) is not of a version this program knows. Run the version that wrote it.");
    }
}
