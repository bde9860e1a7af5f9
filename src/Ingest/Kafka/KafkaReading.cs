using System.Globalization;
using Confluent.Kafka;
using FtpActors.Protocol;
using FtpActors.Protocol.Proftpd;

namespace FtpActors.Ingest.Kafka;

/// <summary>What was read and what of it was told: decodes messages, holds them for their session's order, keeps the place in each partition. Belongs to one thread.</summary>
internal sealed class KafkaReading
{
    /// <summary>With more that waits, nothing more is read.</summary>
    public const int Most = 40_000;

    private readonly ProftpdKafkaOptions _options;
    private readonly ProftpdOrder<KafkaMessage> _order;
    private readonly Dictionary<TopicPartition, OffsetTrail> _trails = [];
    // How far each assigned partition was read, by the times of its messages; at its end there is nothing older to come. A backlog comes partition by partition.
    private readonly Dictionary<TopicPartition, DateTimeOffset> _reached = [];

    public KafkaReading(ProftpdKafkaOptions options, KafkaState state)
    {
        (_options, _order) = (options, new ProftpdOrder<KafkaMessage>(options.Hold, Most / 2, byTime: true));
        foreach (var place in state.Places)
            _trails[new TopicPartition(place.Topic, place.Partition)] = new OffsetTrail(place.Next, place.Above);
    }

    /// <summary>Messages that wait.</summary>
    public int Count => _order.Count;

    /// <summary>There is something to tell.</summary>
    public bool HasDue(DateTimeOffset now) => _order.DueAt <= now || _order.Count > Most / 2;

    /// <summary>Where to begin: behind what the group has committed and what this node has stored, whichever is more.</summary>
    public TopicPartitionOffset Begin(TopicPartition partition, Offset committed)
    {
        var stored = _trails.GetValueOrDefault(partition);
        if (stored is null && committed.IsSpecial)
            return new TopicPartitionOffset(partition, Offset.Unset);
        if (stored is not null && (committed.IsSpecial || committed.Value <= stored.Next))
            _trails[partition] = new OffsetTrail(stored.Next, stored.Above);
        else
            _trails[partition] = new OffsetTrail(committed.Value, stored?.Above ?? []);
        return new TopicPartitionOffset(partition, _trails[partition].Next);
    }

    /// <summary>A partition is read from now on.</summary>
    public void Assign(TopicPartition partition) => _reached[partition] = DateTimeOffset.MinValue;

    /// <summary>There is nothing more in a partition now.</summary>
    public void ReachedEnd(TopicPartition partition) => _reached[partition] = DateTimeOffset.MaxValue;

    /// <summary>Forgets what waits of partitions that another node reads now; what was told stays known.</summary>
    public void End(IReadOnlyCollection<TopicPartition> partitions)
    {
        _order.Forget(m => partitions.Contains(m.Partition));
        foreach (var partition in partitions)
            _reached.Remove(partition);
    }

    /// <summary>Takes a message.</summary>
    public void Take(ConsumeResult<Ignore, byte[]> result, DateTimeOffset now)
    {
        var written = new DateTimeOffset(result.Message.Timestamp.UtcDateTime);
        _reached[result.TopicPartition] = written;
        if (!_trails.TryGetValue(result.TopicPartition, out var trail))
            _trails[result.TopicPartition] = trail = new OffsetTrail(result.Offset, []);
        if (!trail.Read(result.Offset))
            return;
        var bytes = result.Message.Value ?? [];
        ProftpdKafkaJson.TryDecode(bytes, out var message, out var reason);
        // What is no message keeps its place among the others: its partition is not committed past it before it is in quarantine.
        _order.Add(now, message, new KafkaMessage(result.TopicPartition, result.Offset, written, reason, reason is null ? [] : bytes));
    }

    /// <summary>Tells what need not wait any longer; null when that is nothing.</summary>
    public KafkaBatch? Tell(DateTimeOffset now)
    {
        var reached = _reached.Count == 0 ? DateTimeOffset.MaxValue : _reached.Values.Min();
        var told = _order.Take(now, message => message.WrittenAt <= reached);
        if (told.Count == 0)
            return null;
        var events = new List<FtpEvent>();
        var quarantined = new List<QuarantinedMessage>();
        var touched = new HashSet<TopicPartition>();
        foreach (var (message, from) in told)
        {
            if (message is null)
                quarantined.Add(new QuarantinedMessage(now, _options.Name, from.ToString(), from.Reason!, from.Bytes));
            else if (ProftpdEvents.OfMessage(message, now, HostOf(_options, message), _options.Name) is { } e)
                events.Add(e);
            _trails[from.Partition].Told(from.Offset);
            touched.Add(from.Partition);
        }
        var state = new KafkaState(_options.Group, [.. _trails.Select(t => new PartitionPlace(t.Key.Topic, t.Key.Partition, t.Value.Next, [.. t.Value.Above]))]);
        return new KafkaBatch(
            new SourceBatch(_options.Name, events, quarantined, state.Encode()), [.. touched.Select(p => new TopicPartitionOffset(p, _trails[p].Next))]);
    }

    /// <summary>The FTP host of a message: the server that it names, by the site's name for it where there is one.</summary>
    public static string HostOf(ProftpdKafkaOptions options, ProftpdMessage message)
    {
        foreach (var said in new[] { message.ServerDns, message.LocalIp, message.ServerIp, message.ServerName })
        {
            if (said is not null && options.Hosts.TryGetValue(said, out var name))
                return name;
        }
        return message.Server.Length > 0 ? message.Server : options.Host;
    }

    /// <summary>Where a message came from, and why it is none.</summary>
    private readonly record struct KafkaMessage(TopicPartition Partition, long Offset, DateTimeOffset WrittenAt, string? Reason, byte[] Bytes)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Partition.Topic}[{Partition.Partition.Value}]@{Offset}");
    }
}
