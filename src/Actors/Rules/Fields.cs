using System.Text.Json;
using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>One object read strictly: every trouble becomes a line with file and key path, and reading goes on, so one report has them all.</summary>
internal sealed class Fields
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly Report _report;
    private readonly string _at;

    private Fields(Report report, string at)
    {
        _report = report;
        _at = at;
    }

    /// <summary>Problems of one file, in the order they were found.</summary>
    internal sealed class Report(string file)
    {
        public List<string> Problems { get; } = [];

        public void Add(string key, string what) => Problems.Add(AsWritten(key.Length == 0 ? $"{file}: {what}" : $"{file}: {key}: {what}"));
    }

    public static Fields? Of(JsonElement element, string at, Report report, params string[] known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            report.Add(at, $"an object is needed, not {Show(element)}");
            return null;
        }
        var fields = new Fields(report, at);
        foreach (var property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name, StringComparer.Ordinal))
                report.Add(fields.Key(property.Name), $"unknown key{Nearest.Hint(property.Name, known)}; known keys: {string.Join(", ", known)}");
            else
                fields._values.Add(property.Name, property.Value);
        }
        // null says "no condition", the same as leaving the key out.
        foreach (var name in fields._values.Where(v => v.Value.ValueKind == JsonValueKind.Null).Select(v => v.Key).ToList())
            fields._values.Remove(name);
        return fields;
    }

    public string Key(string name) => _at.Length == 0 ? name : $"{_at}.{name}";

    public bool Has(string name) => _values.ContainsKey(name);

    public JsonElement? Value(string name) => _values.TryGetValue(name, out var value) ? value : null;

    public void Trouble(string name, string what) => _report.Add(Key(name), what);

    public string? Text(string name, bool required = false)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            if (required)
                Trouble(name, "is needed");
            return null;
        }
        if (value.ValueKind == JsonValueKind.String && ValidText(value) is { } text)
            return text;
        Trouble(name, $"a text is needed, not {Show(value)}");
        return null;
    }

    public long? Number(string name, long min, long max)
    {
        if (!_values.TryGetValue(name, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
            return number;
        Trouble(name, $"{Show(value)} is not allowed; a whole number from {min} to {max}");
        return null;
    }

    public bool Flag(string name)
    {
        if (!_values.TryGetValue(name, out var value))
            return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Trouble(name, $"{Show(value)} is not allowed; true or false");
        return value.ValueKind == JsonValueKind.True;
    }

    public TimeSpan Duration(string name, TimeSpan min, TimeSpan max, TimeSpan fallback)
    {
        if (!_values.TryGetValue(name, out var value))
            return fallback;
        if (value.ValueKind == JsonValueKind.String && ValidText(value) is { } text && Durations.TryParse(text, out var time) && time >= min && time <= max)
            return time;
        Trouble(name, $"{Show(value)} is not allowed; a time from {Durations.Format(min)} to {Durations.Format(max)} such as \"500ms\", \"2s\", \"10m\", \"1h\"");
        return fallback;
    }

    public T Word<T>(string name, IReadOnlyList<(string Word, T Value)> words, T fallback) =>
        Text(name) is not { } text ? fallback : Meaning(Key(name), text, words, fallback);

    public T Meaning<T>(string key, string text, IReadOnlyList<(string Word, T Value)> words, T fallback)
    {
        foreach (var (word, value) in words)
        {
            if (word == text)
                return value;
        }
        var all = words.Select(w => w.Word).ToList();
        _report.Add(key, $"\"{text}\" is not allowed{Nearest.Hint(text, all)}; one of {string.Join(", ", all)}");
        return fallback;
    }

    /// <summary>A list of texts with the key of each; a single text is a list of one.</summary>
    public List<(string Key, string Text)> Texts(string name)
    {
        var texts = new List<(string, string)>();
        foreach (var (key, value) in Items(name, single: JsonValueKind.String))
        {
            if (value.ValueKind == JsonValueKind.String && ValidText(value) is { } text)
                texts.Add((key, text));
            else
                _report.Add(key, $"a text is needed, not {Show(value)}");
        }
        return texts;
    }

    public IEnumerable<(string Key, JsonElement Value)> Items(string name, JsonValueKind? single = null)
    {
        if (!_values.TryGetValue(name, out var value))
            return [];
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select((item, i) => ($"{Key(name)}[{i}]", item));
        if (value.ValueKind == single)
            return [(Key(name), value)];
        Trouble(name, $"a list is needed, not {Show(value)}");
        return [];
    }

    public List<(string Name, string Text)> TextByName(string name)
    {
        var texts = new List<(string, string)>();
        if (!_values.TryGetValue(name, out var value))
            return texts;
        var names = value.ValueKind == JsonValueKind.Object ? value.EnumerateObject().Select(p => p.Name).ToArray() : [];
        if (Of(value, Key(name), _report, names) is not { } inner)
            return texts;
        foreach (var key in names)
        {
            if (inner.Text(key) is { } text)
                texts.Add((key, text));
        }
        return texts;
    }

    private static string? ValidText(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 alone is valid JSON but no text.
            return null;
        }
    }

    /// <summary>A text as its author wrote it, but for control characters, so that a problem stays one line.</summary>
    internal static string AsWritten(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString())) : text;

    private static string Show(JsonElement value) => value.GetRawText() is var raw && raw.Length > 60 ? raw[..60] + "…" : raw;
}
