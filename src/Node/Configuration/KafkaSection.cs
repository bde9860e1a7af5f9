using FtpActors.Actors.Actions.Kafka;
using FtpActors.Actors.Rules;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>kafka</c>: where rules and <c>publish</c> write to; and the keys that everything that talks to Kafka has.</summary>
internal static class KafkaSection
{
    /// <summary>Where to write to; null when the configuration has no section.</summary>
    public static KafkaOptions? Read(Section root)
    {
        if (root.Raw("kafka") is null)
            return null;
        var s = root.Sub("kafka");
        var formats = new Dictionary<string, KafkaFormat>(StringComparer.Ordinal) { [KafkaOptions.AllFormat] = KafkaFormat.All };
        var named = s.Sub("formats");
        foreach (var name in named.Names)
        {
            var fields = named.Texts(name, [], $"must be a list of fields, each one of: {string.Join(", ", KafkaFormat.Known)}", f => KafkaFormat.Known.Contains(f, StringComparer.Ordinal));
            if (fields.Distinct(StringComparer.Ordinal).Count() < fields.Count)
                named.Problem(name, "names a field twice.");
            formats[name] = new KafkaFormat(fields);
        }
        var options = new KafkaOptions(Brokers(s), Properties(s, KafkaOptions.Reserved), formats);
        s.Done(isSecret: true);
        return options;
    }

    /// <summary>Notes rules that this section cannot serve.</summary>
    public static void Check(Section root, KafkaOptions? kafka, RuleSet rules)
    {
        foreach (var rule in rules.Rules)
        {
            foreach (var action in rule.Actions.Concat(rule.OnFailure).OfType<KafkaAction>())
            {
                if (kafka is null)
                {
                    root.Problem("kafka", $"\"{rule.Name}\" writes to Kafka; name the brokers: {{ \"brokers\": \"kafka:9092\" }}.");
                    return;
                }
                if (!kafka.Formats.ContainsKey(action.Format))
                    root.Problem("kafka", $"has no format \"{action.Format}\", which \"{rule.Name}\" names; formats: {string.Join(", ", kafka.Formats.Keys)}.", isSecret: true);
            }
        }
    }

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
