using System.Globalization;

namespace FtpActors.Ingest.Kafka;

/// <summary>Settings of a <c>proftpd-kafka</c> source.</summary>
public sealed record ProftpdKafkaOptions
{
    /// <summary>What this source must decide itself: with other values messages would be lost or read twice.</summary>
    public static IReadOnlyList<string> Reserved { get; } =
        ["bootstrap.servers", "group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.commit.interval.ms", "enable.partition.eof"];

    /// <summary>Name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>The node's own name: the host of events whose message names no server.</summary>
    public required string Host { get; init; }

    /// <summary>Brokers to begin with, <c>host:port</c> with commas between.</summary>
    public required string Brokers { get; init; }

    /// <summary>Topics to read; one that begins with <c>^</c> is a regular expression.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>Consumer group. Nodes of one group share the partitions.</summary>
    public string Group { get; init; } = "ftpactors";

    /// <summary>Any property of librdkafka that is not in <see cref="Reserved"/>.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of FTP hosts by what messages say of the server: address, DNS name or ServerName.</summary>
    public IReadOnlyDictionary<string, string> Hosts { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a message waits for older ones of its session, which may be in another partition.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Require(Name.Length > 0, "name", "must not be empty");
        Require(Brokers.Length > 0, "brokers", "must not be empty");
        Require(Topics.Count > 0, "topics", "must not be empty");
        Require(Group.Length > 0, "group", "must not be empty");
        Require(Hold >= TimeSpan.Zero, "hold", "must not be negative");
        Require(!Properties.Keys.Intersect(Reserved).Any(), "librdkafka", $"must not set {string.Join(", ", Reserved)}");
    }

    private void Require(bool holds, string key, string rule)
    {
        if (!holds)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"source '{Name}': {key} {rule}."));
    }
}
