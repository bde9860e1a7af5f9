using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace FtpActors.Tests.Shared;

/// <summary>
/// A Kafka broker in this process: the mock cluster that librdkafka brings, which speaks the real protocol on a port of loopback. Any client may use it, also one of another
/// program. It keeps some 5 MiB of each partition.
/// </summary>
internal sealed partial class KafkaBroker : IDisposable
{
    // The one of the package's libraries that needs nothing that Debian has in another version.
    private const string Native = "centos8-librdkafka";
    private const int TheBroker = 1;
    private readonly nint _handle;
    private readonly nint _cluster;

    public unsafe KafkaBroker()
    {
        Library.Load();
        var error = stackalloc byte[512];
        _handle = rd_kafka_new(0, 0, error, 512);
        Assert.True(_handle != 0, Marshal.PtrToStringUTF8((nint)error));
        _cluster = rd_kafka_mock_cluster_new(_handle, 1);
        // Else the first member of a group waits 3 s for others.
        rd_kafka_mock_group_initial_rebalance_delay_ms(_cluster, 0);
        rd_kafka_mock_start_request_tracking(_cluster);
        Brokers = Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(_cluster))!;
    }

    /// <summary><c>host:port</c>.</summary>
    public string Brokers { get; }

    public void CreateTopic(string topic, int partitions) => Assert.Equal(0, rd_kafka_mock_topic_create(_cluster, topic, partitions, 1));

    /// <summary>The broker is away: connections break, and nobody gets a new one.</summary>
    public void Stop() => Assert.Equal(0, rd_kafka_mock_broker_set_down(_cluster, TheBroker));

    /// <summary>It is there again, with what it had.</summary>
    public void Start() => Assert.Equal(0, rd_kafka_mock_broker_set_up(_cluster, TheBroker));

    /// <summary>Writes messages; each is (partition, value). Returns when the broker has them.</summary>
    public void Write(string topic, params IEnumerable<(int Partition, string Value)> messages)
    {
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig { BootstrapServers = Brokers, LingerMs = 1 }).SetLogHandler((_, _) => { }).Build();
        var (sent, written) = (0, 0);
        foreach (var (partition, value) in messages)
        {
            sent++;
            var message = new Message<Null, byte[]> { Value = Encoding.UTF8.GetBytes(value) };
            // Reports come on the client's own thread and on the one that flushes.
            producer.Produce(new TopicPartition(topic, partition), message, report => Interlocked.Add(ref written, report.Error.IsError ? 0 : 1));
        }
        producer.Flush(TimeSpan.FromSeconds(20));
        Assert.Equal(sent, written);
    }

    /// <summary>What a group has committed, summed over the partitions of a topic.</summary>
    public async Task<long> CommittedAsync(string group, string topic, int partitions)
    {
        var asked = Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p)).ToList();
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Brokers, GroupId = group }).SetLogHandler((_, _) => { }).Build();
        return await Task.Run(() => consumer.Committed(asked, TimeSpan.FromSeconds(10)).Sum(c => c.Offset.IsSpecial ? 0 : c.Offset.Value));
    }

    /// <summary>Answers requests of a kind with "coordinator or broker is not ready" until <see cref="Allow"/>; clients ask again.</summary>
    public unsafe void Refuse(KafkaRequest request)
    {
        // One for each request; more than there will be.
        var errors = Enumerable.Repeat((int)(request == KafkaRequest.Fetch ? ErrorCode.RequestTimedOut : ErrorCode.GroupLoadInProgress), 10_000).ToArray();
        fixed (int* first = errors)
            Assert.Equal(0, rd_kafka_mock_push_request_errors_array(_cluster, (short)request, (nuint)errors.Length, first));
    }

    /// <summary>The end of <see cref="Refuse"/>.</summary>
    public void Allow(KafkaRequest request) => rd_kafka_mock_clear_request_errors(_cluster, (short)request);

    /// <summary>Requests of a kind that clients have made so far.</summary>
    public unsafe int Requests(KafkaRequest request)
    {
        var all = rd_kafka_mock_get_requests(_cluster, out var count);
        var found = 0;
        for (nuint i = 0; i < count; i++)
            found += rd_kafka_mock_request_api_key(all[i]) == (short)request ? 1 : 0;
        rd_kafka_mock_request_destroy_array(all, count);
        return found;
    }

    public void Dispose()
    {
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_handle);
    }

    [LibraryImport(Native)]
    private static unsafe partial nint rd_kafka_new(int type, nint conf, byte* error, nuint size);

    [LibraryImport(Native)]
    private static partial void rd_kafka_destroy(nint handle);

    [LibraryImport(Native)]
    private static partial nint rd_kafka_mock_cluster_new(nint handle, int brokers);

    [LibraryImport(Native)]
    private static partial void rd_kafka_mock_cluster_destroy(nint cluster);

    [LibraryImport(Native)]
    private static partial nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Native, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replication);

    [LibraryImport(Native)]
    private static partial int rd_kafka_mock_broker_set_down(nint cluster, int broker);

    [LibraryImport(Native)]
    private static partial int rd_kafka_mock_broker_set_up(nint cluster, int broker);

    [LibraryImport(Native)]
    private static partial void rd_kafka_mock_group_initial_rebalance_delay_ms(nint cluster, int milliseconds);

    [LibraryImport(Native)]
    private static unsafe partial int rd_kafka_mock_push_request_errors_array(nint cluster, short request, nuint count, int* errors);

    [LibraryImport(Native)]
    private static partial void rd_kafka_mock_clear_request_errors(nint cluster, short request);

    [LibraryImport(Native)]
    private static partial void rd_kafka_mock_start_request_tracking(nint cluster);

    [LibraryImport(Native)]
    private static unsafe partial nint* rd_kafka_mock_get_requests(nint cluster, out nuint count);

    [LibraryImport(Native)]
    private static unsafe partial void rd_kafka_mock_request_destroy_array(nint* requests, nuint count);

    [LibraryImport(Native)]
    private static partial short rd_kafka_mock_request_api_key(nint request);
}

/// <summary>Kinds of requests, by Kafka's own numbers.</summary>
internal enum KafkaRequest
{
    Fetch = 1,
    OffsetCommit = 8,
}
