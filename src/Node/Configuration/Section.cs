using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Node.Configuration;

/// <summary>
/// Reads one object of the configuration, key by key. Every method returns the value or its default and notes a problem instead of
/// failing, so that one report has them all; <see cref="Done"/> reports keys that nobody asked for.
/// <para>To add a setting: one line in the record of its section, with the default in its doc comment, and one line in hocon/single.conf.</para>
/// </summary>
internal sealed class Section(ConfigTree tree, string path, JsonObject json, List<ConfigProblem> problems)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>The keys that are there, for objects whose keys the site chooses.</summary>
    public IReadOnlyList<string> Names => [.. json.Select(p => p.Key)];

    public string Text(string name, string? fallback, string allowed, Func<string, bool>? valid = null)
    {
        Note(name, allowed, fallback);
        var node = Find(name);
        if (node is null)
            return fallback ?? Fail(name, node, allowed, "");
        return node is JsonValue v && v.TryGetValue<string>(out var text) && (valid is null || valid(text))
            ? text
            : Fail(name, node, allowed, fallback ?? "");
    }

    public string OneOf(string name, string? fallback, params string[] words) =>
        Text(name, fallback, "must be " + Alternatives(words), text => words.Contains(text, StringComparer.Ordinal));

    public long Whole(string name, long fallback, long min, long max)
    {
        Note(name, string.Create(CultureInfo.InvariantCulture, $"whole number from {min} to {max}"), fallback.ToString(CultureInfo.InvariantCulture));
        var node = Find(name);
        if (node is null)
            return fallback;
        var n = 0L;
        var read = node is JsonValue v && (v.TryGetValue(out n)
            || (tree.IsOverridden(Key(name)) && v.TryGetValue<string>(out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out n)));
        return read && n >= min && n <= max
            ? n
            : Fail(name, node, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"), fallback);
    }

    public bool Flag(string name, bool fallback)
    {
        Note(name, "true or false", fallback ? "true" : "false");
        var node = Find(name);
        if (node is null)
            return fallback;
        var flag = false;
        var read = node is JsonValue v && (v.TryGetValue(out flag)
            || (tree.IsOverridden(Key(name)) && v.TryGetValue<string>(out var text) && bool.TryParse(text, out flag)));
        return read ? flag : Fail(name, node, "must be true or false", fallback);
    }

    public TimeSpan Duration(string name, TimeSpan fallback, TimeSpan min, TimeSpan max)
    {
        Note(name, $"duration from {Durations.Format(min)} to {Durations.Format(max)}", Durations.Format(fallback));
        var node = Find(name);
        if (node is null)
            return fallback;
        return node is JsonValue v && v.TryGetValue<string>(out var text) && Durations.TryParse(text, out var d) && d >= min && d <= max
            ? d
            : Fail(name, node, $"must be a duration from {Durations.Format(min)} to {Durations.Format(max)}, such as \"{Durations.Format(fallback)}\"", fallback);
    }

    /// <summary>A list of texts; from the environment also as one text with commas.</summary>
    public IReadOnlyList<string> Texts(string name, IReadOnlyList<string> fallback, string allowed, Func<string, bool> valid)
    {
        Note(name, allowed, $"[{string.Join(", ", fallback.Select(f => $"\"{f}\""))}]");
        var node = Find(name);
        if (node is null)
            return fallback;
        var texts = node switch
        {
            JsonArray a => a.Select(item => item is JsonValue v && v.TryGetValue<string>(out var t) ? t : null).ToList(),
            JsonValue v when tree.IsOverridden(Key(name)) && v.TryGetValue<string>(out var t) =>
                [.. t.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            _ => null,
        };
        return texts is not null && texts.All(t => t is not null && valid(t)) ? texts! : Fail(name, node, allowed, fallback);
    }

    /// <summary>An address and port: <c>127.0.0.1:9110</c>, <c>[::1]:9110</c>, <c>0.0.0.0:9110</c>.</summary>
    public IPEndPoint EndPoint(string name, string? fallback, int minPort = 0)
    {
        var allowed = $"must be an address and a port from {minPort} to 65535, such as \"{fallback ?? "127.0.0.1:9721"}\" or \"[::1]:9110\"";
        IPEndPoint? parsed = null;
        Text(name, fallback, allowed, text => TryEndPoint(text, minPort, out parsed));
        if (parsed is null && fallback is not null)
            TryEndPoint(fallback, minPort, out parsed);
        return parsed ?? new IPEndPoint(IPAddress.Loopback, 0);
    }

    /// <summary>A path; relative ones are relative to the configuration file.</summary>
    public string FilePath(string name, string fallback) =>
        Path.GetFullPath(
            Text(name, fallback, "must be a path; a relative one is relative to the configuration file",
                text => text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal)),
            Path.GetDirectoryName(tree.File)!);

    /// <summary>A path that may be left out; null then.</summary>
    public string? OptionalFilePath(string name)
    {
        var path = Find(name) is null ? null : FilePath(name, ".");
        Note(name, "a path; a relative one is relative to the configuration file", null);
        return path;
    }

    /// <summary>A text that may be left out; null then.</summary>
    public string? OptionalText(string name, string allowed, Func<string, bool> valid)
    {
        Note(name, allowed, null);
        return Find(name) is null || Text(name, null, allowed, valid) is not { Length: > 0 } text ? null : text;
    }

    /// <summary>A text that no message may show; null when there is none.</summary>
    public string? Secret(string name, string allowed)
    {
        Note(name, allowed, null);
        var node = Find(name);
        if (node is JsonValue v && v.TryGetValue<string>(out var text) && text.Length > 0)
            return text;
        if (node is not null)
            problems.Add(new ConfigProblem(tree.OriginOf(Key(name)), Key(name), "(not shown)", allowed + "."));
        return null;
    }

    /// <summary>An object whose values are texts, numbers or flags, all read as texts; empty when there is none.</summary>
    /// <param name="name">Key.</param>
    /// <param name="allowed">What it must be.</param>
    /// <param name="isSecret">Values are not shown.</param>
    public IReadOnlyDictionary<string, string> TextMap(string name, string allowed, bool isSecret = false)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Find(name) is not { } node)
            return map;
        if (node is not JsonObject values || !TryFlatten(values, "", map))
            Fail(name, isSecret ? JsonValue.Create("(not shown)") : node, allowed, false);
        return map;
    }

    /// <summary>Whatever stands there; null when nothing does.</summary>
    public JsonNode? Raw(string name) => Find(name);

    /// <summary>Notes problems of another file that this one names.</summary>
    public void Foreign(IEnumerable<ConfigProblem> found) => problems.AddRange(found);

    /// <summary>A section within this one; an absent one is empty, so that all its settings have their defaults.</summary>
    public Section Sub(string name)
    {
        var node = Find(name);
        if (node is not null and not JsonObject)
            Fail(name, node, "must be an object: { ... }", false);
        return new Section(tree, Key(name), node as JsonObject ?? [], problems);
    }

    /// <summary>A list of sections.</summary>
    /// <param name="name">The key.</param>
    /// <param name="isSecret">What stands there may have a password in it and is not shown.</param>
    public IReadOnlyList<Section> List(string name, bool isSecret = false)
    {
        var node = Find(name);
        if (node is null)
            return [];
        if (node is not JsonArray a || a.Any(item => item is not JsonObject))
            return Fail<IReadOnlyList<Section>>(name, isSecret ? JsonValue.Create("(not shown)") : node, "must be a list of objects: [ { ... } ]", []);
        return [.. a.Select((item, i) => new Section(tree, $"{Key(name)}.{i}", (JsonObject)item!, problems))];
    }

    /// <summary>Notes a problem that only shows when several settings are seen together.</summary>
    public void Problem(string name, string remedy, bool isSecret = false) => Fail(name, isSecret ? JsonValue.Create("(not shown)") : json[name], remedy, false);

    /// <summary>Reports the keys that are not known, with the known one that was probably meant.</summary>
    /// <param name="isSecret">Values are not shown: a misspelt key may have a password in it.</param>
    public void Done(bool isSecret = false)
    {
        foreach (var (name, value) in json)
        {
            if (_known.Contains(name))
                continue;
            var near = _known.Select(k => (k, Distance: Nearest.Distance(k, name))).OrderBy(p => p.Distance).FirstOrDefault();
            var meant = near.k is not null && near.Distance <= Math.Max(2, name.Length / 3) ? $" Did you mean \"{near.k}\"?" : "";
            var where = path.Length == 0 ? "the file" : $"\"{path}\"";
            var shown = isSecret ? JsonValue.Create("(not shown)") : value;
            Fail(name, shown, $"is not known.{meant} Known in {where}: {string.Join(", ", _known.Order(StringComparer.Ordinal))}", false);
        }
    }

    private static bool TryEndPoint(string text, int minPort, out IPEndPoint? endPoint)
    {
        endPoint = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port < minPort)
            return false;
        var host = text[..colon];
        if (host == "localhost")
            host = "127.0.0.1";
        // Without the brackets it would be unclear where an IPv6 address ends.
        if (host.Contains(':', StringComparison.Ordinal) && !(host.StartsWith('[') && host.EndsWith(']')))
            return false;
        if (!IPAddress.TryParse(host.Trim('[', ']'), out var address) || (!host.StartsWith('[') && host.Count(c => c == '.') != 3))
            return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    // In HOCON a.b = c is an object in an object.
    private static bool TryFlatten(JsonObject node, string prefix, Dictionary<string, string> map)
    {
        foreach (var (key, value) in node)
        {
            if (value is JsonObject inner)
            {
                if (!TryFlatten(inner, $"{prefix}{key}.", map))
                    return false;
            }
            else if (value is JsonValue scalar)
            {
                map[prefix + key] = scalar.TryGetValue<string>(out var text) ? text : scalar.ToJsonString();
            }
            else
            {
                return false;
            }
        }
        return true;
    }

    private static string Alternatives(string[] words) =>
        words.Length == 1 ? $"\"{words[0]}\"" : string.Join(", ", words[..^1].Select(w => $"\"{w}\"")) + $" or \"{words[^1]}\"";

    private string Key(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private void Note(string name, string allowed, string? fallback) =>
        tree.Note(new Setting(Key(name), allowed.StartsWith("must be ", StringComparison.Ordinal) ? allowed["must be ".Length..] : allowed, fallback));

    private JsonNode? Find(string name)
    {
        _known.Add(name);
        return json[name];
    }

    private T Fail<T>(string name, JsonNode? value, string remedy, T fallback)
    {
        var text = value?.ToJsonString(ConfigTree.AsWritten);
        if (text?.Length > 120)
            text = text[..117] + "...";
        problems.Add(new ConfigProblem(tree.OriginOf(Key(name)), Key(name), text, remedy.EndsWith('.') ? remedy : remedy + "."));
        return fallback;
    }
}
