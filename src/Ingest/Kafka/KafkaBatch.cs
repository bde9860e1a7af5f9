using Confluent.Kafka;

namespace FtpActors.Ingest.Kafka;

/// <summary>A batch on its way to the spool, and what may be committed when it is there.</summary>
internal sealed record KafkaBatch(SourceBatch Batch, IReadOnlyList<TopicPartitionOffset> Commits);
