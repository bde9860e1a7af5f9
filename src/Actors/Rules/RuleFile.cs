using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using FtpActors.Actors.Hocon;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Actors.Rules;

/// <summary>
/// Reads rules: HOCON, and so JSON with comments as well, either a list of rules or an object with the one key <c>rules</c>.
/// Strict: an unknown key is an error, and one report has every problem of the file.
/// </summary>
public static partial class RuleFile
{
    private static readonly string[] RuleKeys =
    [
        "name", "on", "status", "path", "user", "not_user", "service", "host", "ignore_case", "min_bytes", "max_bytes", "where", "order",
        "valid", "actions", "retry", "on_failure", "parallel",
    ];

    private static readonly (string, RulePlace)[] Places = [("handler", RulePlace.Handler), ("on-host", RulePlace.OnHost)];
    private static readonly (string, RuleOrder)[] Orders = [("session", RuleOrder.Session), ("none", RuleOrder.None)];
    private static readonly (string, TriggerKind)[] Triggers = [.. TriggerNames.All.Select((name, i) => (name, (TriggerKind)i))];
    private static readonly (string, EventStatus)[] Statuses = [.. Names.AllStatuses.Select((name, i) => (name, (EventStatus)i))];

    /// <summary>Reads and checks the text of a rule file. Nothing is opened but what it includes: a <c>body_file</c> is only made a full path.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fileName">Its path, for the report and for relative paths in it.</param>
    /// <param name="userFields">Fields of the user directory, null when they are not known.</param>
    /// <param name="foreign">True for a text from elsewhere, which is told nothing of this machine: neither its files nor its environment.</param>
    /// <returns>The rules, null when there is any problem; and the problems, each with file, key, value and what is allowed.</returns>
    public static (RuleSet? Rules, IReadOnlyList<string> Problems) Parse(
        string text, string fileName, IReadOnlyCollection<string>? userFields = null, bool foreign = false)
    {
        var report = new Fields.Report(fileName);
        var file = Path.GetFullPath(fileName);
        JsonElement root;
        try
        {
            // Of two rules in one list nothing is merged, so a key that is there twice is most likely of a rule that lost its braces.
            root = JsonSerializer.SerializeToElement(
                HoconText.Read(file, text, foreign ? _ => null : Environment.GetEnvironmentVariable, !foreign, twice => report.Add("", twice)).Root, AsWritten);
        }
        catch (HoconException e)
        {
            report.Add("", $"{(e.File == file ? "" : $"{e.File}: ")}this is not HOCON: {e.Message}");
            return (null, report.Problems);
        }
        var rules = ReadAll(root, new Reading(report, Path.GetDirectoryName(file) ?? "/", userFields));
        return report.Problems.Count == 0 ? (new RuleSet(rules) { Text = root.GetRawText() }, report.Problems) : (null, report.Problems);
    }

    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private sealed record Reading(Fields.Report Report, string Folder, IReadOnlyCollection<string>? UserFields);

    private static List<Rule> ReadAll(JsonElement root, Reading reading)
    {
        IEnumerable<(string Key, JsonElement Value)> items;
        if (root.ValueKind == JsonValueKind.Array)
        {
            items = root.EnumerateArray().Select((item, i) => ($"rules[{i}]", item));
        }
        else
        {
            var top = Fields.Of(root, "", reading.Report, "rules");
            if (top is { } t && !t.Has("rules"))
                t.Trouble("rules", "is needed");
            items = top?.Items("rules") ?? [];
        }
        var rules = new List<Rule>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in items)
        {
            if (ReadRule(value, key, reading) is not { } rule)
                continue;
            if (rule.Name.Length > 0 && !names.TryAdd(rule.Name, key))
                reading.Report.Add($"{key}.name", $"\"{rule.Name}\" is also the name of {names[rule.Name]}; names are unique");
            rules.Add(rule);
        }
        return rules;
    }

    private static Rule? ReadRule(JsonElement element, string at, Reading reading)
    {
        if (Fields.Of(element, at, reading.Report, RuleKeys) is not { } f)
            return null;

        var name = f.Text("name", required: true);
        if (name is not null && !NameForm().IsMatch(name))
            f.Trouble("name", $"\"{name}\" is not allowed; 1 to 100 letters, digits, '.', '_' and '-'");
        var on = f.Texts("on").Select(t => f.Meaning(t.Key, t.Text, Triggers, TriggerKind.Other)).Distinct().ToList();
        if (!f.Has("on") || (f.Value("on") is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0))
            f.Trouble("on", $"at least one is needed of {string.Join(", ", TriggerNames.All)}");

        var ignoreCase = f.Flag("ignore_case");
        var rule = new Rule
        {
            Name = name ?? "",
            On = on,
            Status = [.. f.Texts("status").Select(t => f.Meaning(t.Key, t.Text, Statuses, EventStatus.Unknown))],
            Path = ReadGlobs(f, "path", p => Glob.ForPath(p, ignoreCase), reading),
            User = ReadGlobs(f, "user", p => Glob.ForName(p, ignoreCase), reading),
            NotUser = ReadGlobs(f, "not_user", p => Glob.ForName(p, ignoreCase), reading),
            Service = ReadGlobs(f, "service", p => Glob.ForName(p, ignoreCase), reading),
            Host = ReadGlobs(f, "host", p => Glob.ForName(p, ignoreCase), reading),
            MinBytes = f.Number("min_bytes", 0, long.MaxValue),
            MaxBytes = f.Number("max_bytes", 0, long.MaxValue),
            Where = f.Word("where", Places, RulePlace.Handler),
            Order = f.Word("order", Orders, RuleOrder.Session),
            Valid = ReadValid(f, reading),
            Actions = ReadActions(f, "actions", reading),
            Retry = ReadRetry(f, reading),
            OnFailure = ReadActions(f, "on_failure", reading),
            Parallel = (int)(f.Number("parallel", 1, 1000) ?? 4),
        };
        CheckSense(f, rule);
        CheckValid(f, rule);
        return rule;
    }

    // Conditions that can never hold are mistakes: the rule would be silent for ever.
    private static void CheckSense(Fields f, Rule rule)
    {
        if (!f.Has("actions") || (f.Value("actions") is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 0))
            f.Trouble("actions", "at least one action is needed");
        if (rule.MinBytes > rule.MaxBytes)
            f.Trouble("max_bytes", $"{rule.MaxBytes} is not allowed; at least min_bytes, which is {rule.MinBytes}");

        var withoutFile = rule.On.Where(k => k is TriggerKind.SessionStart or TriggerKind.BacklogHigh or TriggerKind.DeadLetter).ToList();
        foreach (var key in new[] { "status", "path", "min_bytes", "max_bytes" })
        {
            if (withoutFile.Count > 0 && f.Has(key))
                f.Trouble(key, $"cannot be asked of {TriggerNames.Of(withoutFile[0])}, which is about no file; write a rule of its own for that");
        }
    }

    private static List<Glob> ReadGlobs(Fields f, string name, Func<string, Glob> compile, Reading reading)
    {
        var globs = new List<Glob>();
        foreach (var (key, text) in f.Texts(name))
        {
            try
            {
                globs.Add(compile(text));
            }
            catch (FormatException e)
            {
                reading.Report.Add(key, $"\"{text}\" is not allowed: {e.Message}");
            }
        }
        return globs;
    }

    private static RetryPolicy ReadRetry(Fields f, Reading reading)
    {
        var usual = RetryPolicy.Default;
        if (f.Value("retry") is not { } value || Fields.Of(value, f.Key("retry"), reading.Report, "attempts", "first", "max") is not { } r)
            return usual;

        var day = TimeSpan.FromDays(1);
        var first = r.Duration("first", TimeSpan.FromMilliseconds(10), day, usual.First);
        var longest = r.Duration("max", TimeSpan.FromMilliseconds(10), day, usual.Max > first ? usual.Max : first);
        if (longest < first)
            r.Trouble("max", "is shorter than first");
        return new RetryPolicy((int)(r.Number("attempts", 1, 1000) ?? usual.Attempts), first, longest);
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}\z")]
    private static partial Regex NameForm();
}
