using System.Collections.Concurrent;
using Confluent.Kafka;
using FtpActors.Ingest.Linux;
using FtpActors.Ingest.Streams;
using FtpActors.Protocol;

namespace FtpActors.Ingest.Kafka;

/// <summary>
/// Reads topics as a member of a consumer group. An offset is committed after the spool has what is before it. While one batch is on its way the next one grows. Its lives follow
/// one another, each on a thread of its own.
/// </summary>
internal sealed class KafkaReader(ProftpdKafkaOptions options, ISpool spool, TimeProvider time, SourceReport report)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>What waits is looked through each time.</summary>
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>Longer than a commit of the spool's takes; a partition goes to its new reader without what is still on its way then.</summary>
    private static readonly TimeSpan LongestHandOver = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<TopicPartitionOffset> _stored = new();
    // Where each partition was begun when it came to this node last; belongs to the life's thread.
    private readonly Dictionary<TopicPartition, Offset> _begun = [];
    private string? _trouble;
    private DateTimeOffset _probeAt;

    /// <summary>The stream has a batch no longer; any thread.</summary>
    public void Acknowledge(KafkaBatch batch, bool isStored)
    {
        if (!isStored)
            return;
        foreach (var commit in batch.Commits)
            _stored.Enqueue(commit);
    }

    /// <summary>One life of the consumer: reads until the stop or trouble.</summary>
    public void Read(Feed<KafkaBatch> feed)
    {
        try
        {
            var reading = new KafkaReading(options, KafkaState.Decode(spool.ReadSourceStateAsync(options.Name).GetAwaiter().GetResult(), options.Group));
            _trouble = null;
            _stored.Clear();
            _begun.Clear();
            using var consumer = Build(reading, feed);
            consumer.Subscribe(options.Topics);
            report.Reading();
            Read(consumer, reading, feed);
            WaitUntilIdle(feed);
            NoteStored(consumer);
            // Leaves the group and commits what was noted.
            consumer.Close();
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or ArgumentException)
        {
            // InvalidOperationException and ArgumentException: a property that librdkafka does not know or take.
            report.Waiting($"{options.Brokers}: {e.Message}");
        }
        catch (JournalUnavailableException e)
        {
            report.Waiting($"The spool cannot be read: {e.Message}");
        }
    }

    private IConsumer<Ignore, byte[]> Build(KafkaReading reading, Feed<KafkaBatch> feed)
    {
        var config = new Dictionary<string, string>
        {
            ["client.id"] = $"ftpactors-{options.Name}",
            ["auto.offset.reset"] = "earliest",
            // librdkafka's own 64 MiB for each partition are for other programs.
            ["queued.max.messages.kbytes"] = "16384",
        };
        foreach (var (name, value) in options.Properties)
            config[name] = value;
        config["bootstrap.servers"] = options.Brokers;
        config["group.id"] = options.Group;
        // Committed in the background is what was noted, and only that.
        config["enable.auto.commit"] = "true";
        config["enable.auto.offset.store"] = "false";
        config["auto.commit.interval.ms"] = "500";
        config["enable.partition.eof"] = "true";
        return new ConsumerBuilder<Ignore, byte[]>(config)
            .SetErrorHandler((_, error) => Note(error))
            // Its lines would go to standard error beside the node's own log; errors come by the handler above.
            .SetLogHandler((_, _) => { })
            .SetPartitionsAssignedHandler((consumer, partitions) => Begin(consumer, partitions, reading))
            .SetPartitionsRevokedHandler((consumer, partitions) =>
            {
                WaitUntilIdle(feed);
                NoteStored(consumer);
                Commit(consumer);
                reading.End([.. partitions.Select(p => p.TopicPartition)]);
            })
            .SetPartitionsLostHandler((_, partitions) => reading.End([.. partitions.Select(p => p.TopicPartition)]))
            .Build();
    }

    private void Read(IConsumer<Ignore, byte[]> consumer, KafkaReading reading, Feed<KafkaBatch> feed)
    {
        var isPaused = false;
        var tellAt = DateTimeOffset.MinValue;
        while (!feed.End.IsCancellationRequested)
        {
            if (reading.Count >= KafkaReading.Most)
            {
                consumer.Pause(consumer.Assignment);
                isPaused = true;
            }
            else if (isPaused && reading.Count <= KafkaReading.Most / 2)
            {
                consumer.Resume(consumer.Assignment);
                isPaused = false;
            }
            // Also while it is paused: a consumer that does not ask is taken for dead.
            var result = consumer.Consume(Look);
            var now = time.GetUtcNow();
            if (result is { IsPartitionEOF: false })
                reading.Take(result, now);
            else if (result is not null)
                reading.ReachedEnd(result.TopicPartition);
            if (result is not null && _trouble is not null)
                Recovered();
            NoteStored(consumer);
            if (feed.IsIdle && now >= tellAt && reading.HasDue(now) && feed.IsWanted)
            {
                if (reading.Tell(now) is { } batch)
                    feed.Give(batch);
                tellAt = now + TellEvery;
            }
            if (_trouble is not null && now >= _probeAt)
                Probe(consumer, now);
        }
    }

    private List<TopicPartitionOffset> Begin(IConsumer<Ignore, byte[]> consumer, List<TopicPartition> partitions, KafkaReading reading)
    {
        // Without an answer the life ends and the next one asks again: to begin where nobody knows would read all of it once more.
        var committed = consumer.Committed(partitions, Answer);
        Recovered();
        foreach (var partition in partitions)
            reading.Assign(partition);
        List<TopicPartitionOffset> begun = [.. committed.Select(c => reading.Begin(c.TopicPartition, c.Offset))];
        foreach (var begin in begun)
        {
            _begun[begin.TopicPartition] = begin.Offset;
            // What a kill left stored and not committed: with no further message nothing else would commit it, and another node would read it again much later.
            if (!begin.Offset.IsSpecial)
                _stored.Enqueue(begin);
        }
        return begun;
    }

    private void NoteStored(IConsumer<Ignore, byte[]> consumer)
    {
        while (_stored.TryDequeue(out var stored))
        {
            // A batch that outlived its assignment must not take back what another node has committed meanwhile.
            if (_begun.TryGetValue(stored.TopicPartition, out var begun) && stored.Offset < begun)
                continue;
            try
            {
                consumer.StoreOffset(stored);
            }
            catch (KafkaException)
            {
                // The partition has gone to another node meanwhile, which reads it again; handlers know what came twice.
            }
        }
    }

    private static void Commit(IConsumer<Ignore, byte[]> consumer)
    {
        try
        {
            consumer.Commit();
        }
        catch (KafkaException)
        {
            // Nothing to commit, or no broker: then the next reader begins earlier.
        }
    }

    private static void WaitUntilIdle(Feed<KafkaBatch> feed)
    {
        var until = Environment.TickCount64 + (long)LongestHandOver.TotalMilliseconds;
        while (!feed.IsIdle && Environment.TickCount64 < until)
            TimeCalls.Nap(TimeSpan.FromMilliseconds(2));
    }

    private void Note(Error error)
    {
        if (error.Code is not (ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Resolve or ErrorCode.Local_Authentication or ErrorCode.Local_Ssl) && error.IsLocalError && !error.IsFatal)
            return;
        _trouble = error.Reason;
        report.Waiting($"Kafka ({options.Brokers}): {error.Reason}. Reading goes on by itself when it answers.");
    }

    private void Recovered()
    {
        _trouble = null;
        report.Reading();
    }

    // A broker that is back says nothing by itself while there are no messages.
    private void Probe(IConsumer<Ignore, byte[]> consumer, DateTimeOffset now)
    {
        _probeAt = now + ProbeEvery;
        try
        {
            using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
            if (admin.GetMetadata(TimeSpan.FromSeconds(1)).Brokers.Count > 0)
                Recovered();
        }
        catch (KafkaException)
        {
            // Not yet.
        }
    }
}
