using FtpActors.Ingest.Kafka;
using FtpActors.Tests.Shared;

namespace FtpActors.Ingest.Tests;

/// <summary>The source against a broker; what a killed node does is in the end-to-end tests.</summary>
public sealed class ProftpdKafkaSourceTests : IDisposable
{
    private const string Topic = "ftp-audit";
    private readonly KafkaBroker _broker = new();
    private readonly TestSpool _spool = new();

    public ProftpdKafkaSourceTests() => _broker.CreateTopic(Topic, 2);

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task A_session_over_two_partitions_is_told_in_order_and_its_host_is_the_message_s_server()
    {
        _broker.Write(Topic, Enumerable.Range(0, 100).Select(i => (i % 2, Line(i, host: i < 50 ? "192.0.2.1" : "192.0.2.2", session: i < 50 ? "s1" : "s2"))));
        await using var source = Running.Start(Source(hosts: new() { ["192.0.2.1"] = "ftp1" }));
        await Stored(100);
        foreach (var session in _spool.Events.GroupBy(e => e.Session))
            Assert.Equal(session.OrderBy(e => e.Time), session);
        Assert.Equal(["192.0.2.2", "ftp1"], _spool.Events.Select(e => e.Host).Distinct().Order());
        await CommittedIs(100);
    }

    [Fact]
    public async Task Nothing_is_committed_before_the_spool_has_it_and_a_start_after_a_stop_goes_on()
    {
        _broker.Write(Topic, Enumerable.Range(0, 10).Select(i => (0, Line(i))));
        _spool.IsFull = true;
        await using (var source = Running.Start(Source()))
        {
            await Eventually.True(() => _spool.Batches.Count > 0, () => "nothing was handed over");
            Assert.Equal(0, await _broker.CommittedAsync("g", Topic, 2));
        }
        Assert.Equal(0, await _broker.CommittedAsync("g", Topic, 2));
        _spool.IsFull = false;
        await using (var source = Running.Start(Source()))
        {
            await Stored(10);
            await source.Stop();
        }
        Assert.Equal(10, await _broker.CommittedAsync("g", Topic, 2));
        _broker.Write(Topic, (1, Line(10)));
        await using var again = Running.Start(Source());
        await Stored(11);
        Assert.Equal(11, _spool.Events.Select(e => e.Path).Distinct().Count());
    }

    [Fact]
    public async Task What_is_no_message_goes_to_quarantine_with_topic_partition_and_offset()
    {
        _broker.Write(Topic, (0, Line(0)), (0, "{\"pid\":"), (0, Line(1)));
        await using var source = Running.Start(Source());
        await Stored(2);
        var quarantined = Assert.Single(_spool.Quarantined);
        Assert.Equal(("ftp-audit[0]@1", "{\"pid\":"), (quarantined.Sender, System.Text.Encoding.UTF8.GetString(quarantined.Bytes)));
        Assert.Contains("JSON", quarantined.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_goes_away_is_trouble_and_reading_goes_on_when_it_is_back()
    {
        _broker.Write(Topic, (0, Line(0)));
        await using var source = Running.Start(Source());
        await Stored(1);
        _broker.Stop();
        await source.State("waiting");
        _broker.Start();
        await source.State("reading");
        _broker.Write(Topic, (1, Line(1)));
        await Stored(2);
        await CommittedIs(2);
    }

    [Fact]
    public async Task Two_nodes_of_a_group_share_the_partitions_and_what_both_read_has_one_fingerprint()
    {
        var other = new TestSpool();
        _broker.Write(Topic, Enumerable.Range(0, 50).Select(i => (i % 2, Line(i))));
        await using var first = Running.Start(Source());
        await Stored(50);
        await using (var second = Running.Start(Source(other)))
        {
            await Eventually.True(
                () =>
                {
                    _broker.Write(Topic, Enumerable.Range(0, 2).Select(i => (i, Line(50 + _written++))));
                    return other.Events.Count > 0;
                },
                () => $"the second has nothing, the first {_spool.Events.Count}");
        }
        await Eventually.True(() => All().Count == 50 + _written, () => $"{All().Count} of {50 + _written}");
        await CommittedIs(50 + _written);

        HashSet<string?> All() => [.. _spool.Events.Concat(other.Events).Select(e => e.Fingerprint)];
    }

    [Fact]
    public async Task A_property_that_librdkafka_does_not_know_is_trouble_that_names_it()
    {
        var source = Source(properties: new() { ["no.such.property"] = "1" });
        await using var running = Running.Start(source);
        await running.State("waiting");
        Assert.Contains("no.such.property", source.Status.Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trail_knows_what_was_told_also_out_of_order()
    {
        var trail = new OffsetTrail(10, []);
        Assert.All([10L, 11, 12, 15], o => Assert.True(trail.Read(o)));
        trail.Told(12);
        Assert.Equal((10, 12), (trail.Next, trail.Above.Single()));
        // As after a kill.
        var again = new OffsetTrail(trail.Next, trail.Above);
        Assert.Equal([true, true, false, true], new[] { 10L, 11, 12, 15 }.Select(again.Read));
        again.Told(10);
        again.Told(11);
        Assert.Equal(15, again.Next);
        again.Told(15);
        Assert.Equal(16, again.Next);
        Assert.Empty(again.Above);
        Assert.False(again.Read(3));
    }

    private int _written;

    private ProftpdKafkaSource Source(TestSpool? spool = null, Dictionary<string, string>? hosts = null, Dictionary<string, string>? properties = null) => new(
        new ProftpdKafkaOptions
        {
            Name = "pro", Host = "node", Brokers = _broker.Brokers, Topics = [Topic], Group = "g", Hold = TimeSpan.FromMilliseconds(500), Hosts = hosts ?? [],
            Properties = properties ?? new() { ["session.timeout.ms"] = "6000", ["heartbeat.interval.ms"] = "200" },
        },
        spool ?? _spool, TestStreams.Materializer, TimeProvider.System);

    private static string Line(int i, string host = "192.0.2.1", string session = "s") =>
        $$"""{"ENV:UNIQUE_ID":"{{session}}","epoch":1000,"microsecs":{{i}},"local_ip":"{{host}}","user":"u","command":"STOR","response_code":226,"file":"/{{i}}"}""";

    private Task Stored(int events) => Eventually.True(() => _spool.Events.Count == events, () => $"{_spool.Events.Count} of {events} events, {string.Join(' ', _spool.Texts)}");

    private Task CommittedIs(long offsets) => Eventually.True(() => _broker.CommittedAsync("g", Topic, 2).Result == offsets, () => $"not {offsets} committed");
}
