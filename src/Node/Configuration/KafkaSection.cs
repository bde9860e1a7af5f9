namespace FtpActors.Node.Configuration;

/// <summary>Keys that everything that talks to Kafka has.</summary>
internal static class KafkaSection
{
    /// <summary>Key <c>brokers</c>: where to begin, <c>host:port</c> with commas between.</summary>
    public static string Brokers(Section s) => s.Text("brokers", null, "must name at least one broker, such as \"kafka:9092\" or \"kafka1:9092,kafka2:9092\"", IsBrokers);

    /// <summary>Key <c>librdkafka</c>: any of its properties but those that would break a promise.</summary>
    public static IReadOnlyDictionary<string, string> Properties(Section s, IReadOnlyList<string> reserved)
    {
        var properties = s.TextMap("librdkafka", "must be an object of librdkafka's properties: { \"security.protocol\": \"ssl\" }", isSecret: true);
        foreach (var name in reserved.Where(properties.ContainsKey))
            s.Problem("librdkafka", $"must not set {name}: this program decides it. Others that it decides: {string.Join(", ", reserved)}.", isSecret: true);
        return properties;
    }

    private static bool IsBrokers(string text) => text.Split(',').All(b =>
        b.Trim() is { Length: > 0 } broker && !broker.Contains(' ', StringComparison.Ordinal)
        && (broker.LastIndexOf(':') is var colon && (colon < 0 || broker.EndsWith(']') || ushort.TryParse(broker.AsSpan(colon + 1), out _))));
}
