using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Akka.Streams;
using Confluent.Kafka;
using FtpActors.Actors.Handlers;
using FtpActors.Ingest.Kafka;
using FtpActors.Node.Commands;

namespace FtpActors.Node.Bench;

/// <summary><c>bench kafka</c>: messages of a topic on their whole way to sessions, beside a bare loop of the same client.</summary>
internal static partial class KafkaBench
{
    private const string Ratio = "of the bare loop";

    public static Command Make()
    {
        var messages = new Option<int>("--messages") { Description = "Messages of each run.", DefaultValueFactory = _ => 40_000, HelpName = "N" };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each, in turn; medians are printed.", DefaultValueFactory = _ => 5, HelpName = "N" };
        var brokers = new Option<string?>("--brokers") { Description = "A Kafka. Default: the mock broker of librdkafka in this process, which keeps some 5 MiB of each of 4 partitions.", HelpName = "HOST:PORT,..." };
        var folder = new Option<string>("--folder") { Description = "Where the journals are made: the disk that is measured.", DefaultValueFactory = _ => ".", HelpName = "DIR" };
        var command = new TaughtCommand("kafka",
            """
            Measures what becomes of messages of a topic: read, durable, sequenced, applied to sessions; beside a loop of the same client that only reads, in the same run.
            Both have joined their group before the first message is written; the time ends with the last one.

            Example:
              ftpactors bench kafka --folder /var/lib/ftpactors
            """) { messages, rounds, brokers, folder };
        command.SetAction(async (parsed, cancel) =>
        {
            BenchNumbers.Require(parsed, 10_000_000, messages, rounds);
            using var place = new BenchFolder(parsed.GetValue(folder)!);
            using var mock = parsed.GetValue(brokers) is null ? new MockBroker() : null;
            await RunAsync(place, parsed.GetValue(brokers) ?? mock!.Brokers, parsed.GetValue(messages), parsed.GetValue(rounds), cancel);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task RunAsync(BenchFolder place, string brokers, int messages, int rounds, CancellationToken cancel)
    {
        var report = new BenchReport(Console.Out);
        List<double> bare = [], whole = [], atOnce = [];
        for (var round = 1; round <= rounds; round++)
        {
            BenchReport.Progress($"round {round} of {rounds}");
            bare.Add(await Task.Run(() => Bare(brokers, messages, cancel), cancel));
            whole.Add(await WholeAsync(place.New(), brokers, messages, TimeSpan.FromSeconds(1), cancel));
            atOnce.Add(await WholeAsync(place.New(), brokers, messages, TimeSpan.Zero, cancel));
        }
        var limit = Median.Of(bare);
        report.Rate("bare loop of the same client", bare, null);
        report.Rate("whole way, hold 1s (the default)", whole, limit, Ratio);
        report.Rate("whole way, hold 0s", atOnce, limit, Ratio);
    }

    private static double Bare(string brokers, int messages, CancellationToken cancel)
    {
        var topic = NewName();
        var config = new ConsumerConfig { BootstrapServers = brokers, GroupId = NewName(), AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoOffsetStore = false };
        Write(brokers, topic, [0]);
        using var consumer = new ConsumerBuilder<Ignore, byte[]>(config).SetLogHandler((_, _) => { }).Build();
        consumer.Subscribe(topic);
        consumer.Consume(cancel);
        var started = Stopwatch.GetTimestamp();
        Write(brokers, topic, Enumerable.Range(1, messages));
        for (var i = 0; i < messages; i++)
            consumer.Consume(cancel);
        var rate = messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
        consumer.Close();
        return rate;
    }

    private static async Task<double> WholeAsync(string folder, string brokers, int messages, TimeSpan hold, CancellationToken cancel)
    {
        var topic = NewName();
        var applied = 0;
        await using var engine = await BenchEngine.StartAsync(folder, [], new NoActions(), 1, cancel);
        engine.On<EventsApplied>(events => Interlocked.Add(ref applied, events.Events.Parts.Sum(p => p.Events.Count)));
        Write(brokers, topic, [0]);
        var options = new ProftpdKafkaOptions { Name = "bench", Host = "bench", Brokers = brokers, Topics = [topic], Group = NewName(), Hold = hold };
        await using var source = new RunningSource(new ProftpdKafkaSource(options, engine.Spool, engine.Engine.System.Materializer(), TimeProvider.System));
        while (Volatile.Read(ref applied) < 1)
            await Task.Delay(1, cancel);
        var started = Stopwatch.GetTimestamp();
        await Task.Run(() => Write(brokers, topic, Enumerable.Range(1, messages)), cancel);
        while (Volatile.Read(ref applied) < messages + 1)
            await Task.Delay(1, cancel);
        return messages / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    // Sessions of 16 uploads, each session in one partition, as mod_kafka with our configuration writes them.
    private static void Write(string brokers, string topic, IEnumerable<int> numbers)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = brokers, LingerMs = 5, QueueBufferingMaxMessages = 1_000_000 }).SetLogHandler((_, _) => { }).Build();
        foreach (var number in numbers)
        {
            var session = string.Create(CultureInfo.InvariantCulture, $"session-{number / 16:D16}");
            var value = string.Create(CultureInfo.InvariantCulture,
                $$"""{"ENV:UNIQUE_ID":"{{session}}","pid":1,"epoch":{{1_795_221_709 + number / 1_000_000}},"microsecs":{{number % 1_000_000}},"remote_ip":"192.0.2.7","local_ip":"192.0.2.1","server_name":"bench","user":"user","command":"STOR","command_params":"file{{number}}","response_code":226,"file":"/home/user/file{{number}}","bytes_sent":1000,"transfer_status":"success","transfer_millis":5}""");
            producer.Produce(topic, new Message<byte[], byte[]> { Key = Encoding.ASCII.GetBytes(session), Value = Encoding.UTF8.GetBytes(value) });
        }
        producer.Flush(TimeSpan.FromMinutes(1));
    }

    private static string NewName() => $"bench-{Guid.NewGuid():N}";

    /// <summary>The mock cluster that librdkafka makes for itself; its address is only in a line of its log.</summary>
    private sealed partial class MockBroker : IDisposable
    {
        private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IProducer<Null, Null> _owner;

        public MockBroker()
        {
            var config = new Dictionary<string, string> { ["bootstrap.servers"] = "mock:1", ["test.mock.num.brokers"] = "1" };
            _owner = new ProducerBuilder<Null, Null>(config).SetLogHandler((_, line) => Read(line.Message)).Build();
            Brokers = _address.Task.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
        }

        public string Brokers { get; }

        public void Dispose() => _owner.Dispose();

        private void Read(string line)
        {
            if (Address().Match(line) is { Success: true } found)
                _address.TrySetResult(found.Value);
        }

        [GeneratedRegex(@"127\.0\.0\.1:\d+")]
        private static partial Regex Address();
    }
}
