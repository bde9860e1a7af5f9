using System.Globalization;
using FtpActors.Actors.Actions.Kafka;
using FtpActors.Actors.Rules;

namespace FtpActors.Node.Configuration;

/// <summary>Key <c>publish</c>: what is written to Kafka without rules of the site's own. Each entry is a rule with one action, so what waits for Kafka is a delivery as any other.</summary>
internal static class PublishSection
{
    // Kafka may well be away for a day; its messages are facts, not a customer's mail.
    private static readonly RetryPolicy Retry = new(1000, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    private const int Parallel = 64;

    /// <summary>The rules of the file, and those of this key behind them.</summary>
    public static RulesSection Read(Section root, RulesSection rules)
    {
        var entries = root.List("publish");
        if (entries.Count == 0)
            return rules;
        var published = entries.Select(Read).ToList();
        var names = rules.Rules.Rules.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
        if (published.Find(p => names.Contains(p.Name)) is { } taken)
        {
            root.Problem("publish", $"makes a rule \"{taken.Name}\", and there is one of that name; rename that.");
            return rules;
        }
        var text = rules.Rules.Text + root.Raw("publish")!.ToJsonString();
        return rules with { Rules = new RuleSet([.. rules.Rules.Rules, .. published]) { Text = text } };
    }

    private static Rule Read(Section s, int index)
    {
        var all = TriggerNames.All;
        var events = s.Texts("events", [], $"must be a list of: {string.Join(", ", all)}", e => all.Contains(e, StringComparer.Ordinal));
        if (events.Count == 0)
            s.Problem("events", $"must name at least one of: {string.Join(", ", all)}.");
        var topic = s.Text("topic", null, "must be a topic: 1 to 249 letters, digits, dots, underscores or hyphens", RuleFile.IsTopic);
        var format = s.Text("format", KafkaOptions.AllFormat, "must be the name of a format in section \"kafka\"", f => f.Length > 0);
        s.Done();
        return new Rule
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"publish-{index}"),
            On = [.. events.Select(e => (TriggerKind)Array.IndexOf([.. all], e)).Distinct()],
            Actions = [new KafkaAction(topic, format, TimeSpan.FromSeconds(30))],
            Retry = Retry,
            Parallel = Parallel,
        };
    }
}
