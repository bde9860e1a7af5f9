using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FtpActors.Actors.Hocon;

namespace FtpActors.Node.Configuration;

/// <summary>A setting that was looked for.</summary>
/// <param name="Key">Its path.</param>
/// <param name="Allowed">What may stand there.</param>
/// <param name="Default">What counts when nothing does; null when that is nothing, or it is needed.</param>
internal sealed record Setting(string Key, string Allowed, string? Default);

/// <summary>A configuration file in HOCON as a tree, with the overrides of the environment laid over it. Nothing is interpreted here.</summary>
internal sealed class ConfigTree
{
    /// <summary>A person's own text is shown as it was written, but for control characters.</summary>
    public static readonly JsonSerializerOptions AsWritten = new(JsonSerializerOptions.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Overrides are <c>FTPACTORS__node__listen=...</c>: the path of a key, joined by two underscores; indexes of lists are numbers.</summary>
    public const string EnvironmentPrefix = "FTPACTORS__";

    private static readonly JsonDocumentOptions Syntax =
        new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    private readonly Dictionary<string, string> _variableByKey = new(StringComparer.Ordinal);
    private readonly List<ConfigProblem> _problems = [];
    private readonly OrderedDictionary<string, Setting> _asked = new(StringComparer.Ordinal);

    private ConfigTree(string file, JsonObject root, IReadOnlyDictionary<string, string> variables)
    {
        (File, Root) = (file, root);
        foreach (var (key, variable) in variables)
            _variableByKey[key] = variable;
    }

    /// <summary>Full path of the file.</summary>
    public string File { get; }

    public JsonObject Root { get; }

    /// <summary>The settings that were looked for so far, in that order, given or not: what the configuration reference is made of.</summary>
    public IReadOnlyList<Setting> Asked => [.. _asked.Values];

    /// <summary>Overrides that fit nowhere.</summary>
    public IReadOnlyList<ConfigProblem> Problems => _problems;

    /// <summary>Reads a file and lays the overrides over it.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read or is not an object.</exception>
    public static ConfigTree Load(string file, IReadOnlyDictionary<string, string> environment)
    {
        var path = Path.GetFullPath(file);
        var (root, variables) = Read(path, environment);
        var tree = new ConfigTree(path, root, variables);
        foreach (var (name, value) in environment
            .Where(e => e.Key.StartsWith(EnvironmentPrefix, StringComparison.Ordinal))
            .OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            tree.Override(name, value);
        }
        return tree;
    }

    /// <summary>Notes that a setting was looked for; what is known of it better later counts.</summary>
    public void Note(Setting setting) => _asked[setting.Key] = setting;

    /// <summary>The variables of this process.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    /// <summary>Where a key's value comes from: the variable that set it (or something above it), else the file.</summary>
    public string OriginOf(string key)
    {
        for (var k = key; k.Length > 0; k = k.LastIndexOf('.') is > 0 and var dot ? k[..dot] : "")
        {
            if (_variableByKey.TryGetValue(k, out var variable))
                return variable;
        }
        return File;
    }

    /// <summary>True when the environment set this key, by an override or by <c>${NAME}</c> in the file: its text may then stand for a number, a flag or a list.</summary>
    public bool IsOverridden(string key) => OriginOf(key) != File;

    /// <summary>Every leaf as key path and JSON text, to see what changed between two readings.</summary>
    public IReadOnlyDictionary<string, string> Flatten()
    {
        var leaves = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Walk("", Root, leaves);
        return leaves;
    }

    private static void Walk(string path, JsonNode? node, SortedDictionary<string, string> leaves)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        // Lists of plain values are one setting; lists of objects are walked.
        if (node is JsonObject o)
        {
            foreach (var (name, child) in o)
                Walk(prefix + name, child, leaves);
        }
        else if (node is JsonArray a && a.Any(item => item is JsonObject))
        {
            for (var i = 0; i < a.Count; i++)
                Walk(prefix + i, a[i], leaves);
        }
        else
        {
            leaves[path] = node?.ToJsonString(AsWritten) ?? "null";
        }
    }

    private static (JsonObject Root, IReadOnlyDictionary<string, string> Variables) Read(string path, IReadOnlyDictionary<string, string> environment)
    {
        try
        {
            var document = HoconText.Read(path, System.IO.File.ReadAllText(path), environment.GetValueOrDefault);
            return (document.Root as JsonObject ?? throw Unusable(path, "must be one object: node { ... }, sources = [ ... ]."), document.Variables);
        }
        catch (HoconException e)
        {
            throw Unusable(e.File, $"is not HOCON at {e.Message}.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unusable(path, "does not exist. Name another with --config FILE, or copy hocon/single.conf of the project.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, $"cannot be read: {e.Message}");
        }
    }

    private static ConfigurationException Unusable(string path, string remedy) => new([new ConfigProblem(path, "", null, remedy)]);

    private void Override(string variable, string value)
    {
        var parts = variable[EnvironmentPrefix.Length..].Split("__");
        JsonNode at = Root;
        for (var i = 0; i < parts.Length; i++)
        {
            var leaf = i == parts.Length - 1;
            var next = at switch
            {
                JsonObject o => Enter(o, parts[i], leaf ? ValueOf(value) : null, !leaf && parts[i + 1].All(char.IsAsciiDigit)),
                JsonArray a when int.TryParse(parts[i], out var index) && index >= 0 && index <= a.Count => Enter(a, index, leaf, value),
                _ => null,
            };
            if (next is null)
            {
                _problems.Add(new ConfigProblem(variable, string.Join('.', parts), JsonSerializer.Serialize(value, AsWritten),
                    $"\"{string.Join('.', parts[..i])}\" has no entry \"{parts[i]}\"; entries of lists are numbers from 0, and new ones are added at the end."));
                return;
            }
            at = next;
        }
        _variableByKey[string.Join('.', parts)] = variable;
    }

    private static JsonNode? Enter(JsonObject o, string name, JsonNode? value, bool listFollows) =>
        value is not null ? o[name] = value : o[name] ?? (o[name] = listFollows ? new JsonArray() : new JsonObject());

    private static JsonNode? Enter(JsonArray a, int index, bool leaf, string value)
    {
        if (index == a.Count)
            a.Add(leaf ? ValueOf(value) : new JsonObject());
        else if (leaf)
            a[index] = ValueOf(value);
        return a[index];
    }

    private static JsonNode ValueOf(string value)
    {
        if (value.StartsWith('[') || value.StartsWith('{'))
        {
            try
            {
                return JsonNode.Parse(value, null, Syntax) ?? JsonValue.Create(value);
            }
            catch (JsonException)
            {
                // Not JSON after all: it stays text, and the reader of the key says what it wants instead.
                return JsonValue.Create(value);
            }
        }
        return JsonValue.Create(value);
    }
}
