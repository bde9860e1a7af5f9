using System.Text.Json.Nodes;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;

namespace FtpActors.Node.Configuration;

/// <summary>Key <c>rules</c>: the name of a file of rules, or the list of rules itself.</summary>
/// <param name="File">The file that has them; null when there are none.</param>
/// <param name="Rules">The rules.</param>
internal sealed record RulesSection(string? File, RuleSet Rules)
{
    public static RulesSection Read(Section root, ConfigTree tree, UsersSection users)
    {
        switch (root.Raw("rules"))
        {
            case null:
                return new RulesSection(null, RuleSet.Empty);
            case JsonArray list:
                return Parse(root, tree.File, list.ToJsonString(ConfigTree.AsWritten), users);
            case JsonValue value when value.TryGetValue<string>(out _):
                return ReadFile(root, root.FilePath("rules", "."), users);
            default:
                root.Problem("rules", "must be the name of a file of rules, or a list of rules: [ { \"name\": ... } ].");
                return new RulesSection(null, RuleSet.Empty);
        }
    }

    /// <summary>The rules of a file alone, without a configuration: which fields users have is then not known.</summary>
    /// <exception cref="ConfigurationException">With every problem.</exception>
    public static RuleSet Load(string file)
    {
        string text;
        try
        {
            text = System.IO.File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([new ConfigProblem(file, "", null, $"cannot be read: {e.Message}")]);
        }
        var (rules, problems) = Check(file, text, null);
        return problems.Count == 0 ? rules : throw new ConfigurationException(problems);
    }

    /// <summary>A line of another reader's report, which begins with its file, as a problem of the configuration.</summary>
    public static ConfigProblem ProblemOf(string file, string line) =>
        new(file, "", null, line.StartsWith(file + ": ", StringComparison.Ordinal) ? line[(file.Length + 2)..] : line);

    private static RulesSection ReadFile(Section root, string file, UsersSection users)
    {
        try
        {
            return Parse(root, file, System.IO.File.ReadAllText(file), users);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            root.Problem("rules", $"{file} cannot be read: {e.Message}");
            return new RulesSection(file, RuleSet.Empty);
        }
    }

    private static RulesSection Parse(Section root, string file, string text, UsersSection users)
    {
        var (rules, problems) = Check(file, text, users.Fields);
        root.Foreign(problems);
        return new RulesSection(file, rules);
    }

    private static (RuleSet Rules, IReadOnlyList<ConfigProblem> Problems) Check(string file, string text, IReadOnlyList<string>? userFields)
    {
        var (rules, problems) = RuleFile.Parse(text, file, userFields);
        return rules is null
            ? (RuleSet.Empty, [.. problems.Select(p => ProblemOf(file, p))])
            : (rules, [.. rules.Rules.SelectMany(rule => BodyProblems(file, rule, userFields))]);
    }

    // A mail that cannot be written shows here, not when the first customer waits for it.
    private static IEnumerable<ConfigProblem> BodyProblems(string file, Rule rule, IReadOnlyList<string>? userFields)
    {
        foreach (var body in rule.Actions.Concat(rule.OnFailure).OfType<MailAction>().Select(m => m.BodyFile).OfType<string>())
        {
            if (BodyFile.Problem(body, userFields) is { } problem)
                yield return new ConfigProblem(file, "", null, $"body_file of rule {rule.Name}: {problem}");
        }
    }
}
