namespace FtpActors.Actors.Hocon;

/// <summary>Where something stands in a file; lines and columns count from 1.</summary>
internal sealed record Place(string File, int Line, int Column);

/// <summary>A value as it is written, before anything is merged or looked up.</summary>
internal abstract class HoconValue(Place at)
{
    public Place At { get; } = at;
}

/// <summary>A text, in quotes or bare. Only a bare one may mean a number, a flag or null.</summary>
internal sealed class HoconScalar(Place at, string text, bool quoted) : HoconValue(at)
{
    public string Text { get; } = text;

    public bool Quoted { get; } = quoted;
}

internal sealed class HoconList(Place at, IReadOnlyList<HoconValue> items) : HoconValue(at)
{
    public IReadOnlyList<HoconValue> Items { get; } = items;
}

internal sealed class HoconObject(Place at, IReadOnlyList<HoconField> fields) : HoconValue(at)
{
    private Dictionary<string, List<HoconField>>? _byKey;

    public IReadOnlyList<HoconField> Fields { get; } = fields;

    /// <summary>All that is given for a key, in the order of the file.</summary>
    public IReadOnlyList<HoconField> Of(string key)
    {
        _byKey ??= Fields.GroupBy(f => f.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        return _byKey.TryGetValue(key, out var fields) ? fields : [];
    }
}

/// <summary><c>${path}</c>, or <c>${?path}</c> for one that may be missing.</summary>
/// <param name="at">Where it stands.</param>
/// <param name="path">The path of the key it asks for.</param>
/// <param name="optional">Whether the key may be missing.</param>
/// <param name="home">The field that it is part of.</param>
/// <param name="included">The path at which its file was included, which is looked in first; empty for the file itself.</param>
internal sealed class HoconSubstitution(Place at, IReadOnlyList<string> path, bool optional, HoconHome home, IReadOnlyList<string> included) : HoconValue(at)
{
    public string Name { get; } = string.Join('.', path);

    public bool Optional { get; } = optional;

    public HoconHome Home { get; } = home;

    public IEnumerable<IReadOnlyList<string>> Candidates => included.Count == 0 ? [path] : [[.. included, .. path], path];

    public override string ToString() => $"${{{(Optional ? "?" : "")}{Name}}}";
}

/// <summary>Values side by side: texts and lists are joined, objects merged.</summary>
internal sealed class HoconJoined(Place at, IReadOnlyList<(string Space, HoconValue Value)> parts) : HoconValue(at)
{
    public IReadOnlyList<(string Space, HoconValue Value)> Parts { get; } = parts;
}

/// <param name="Key">One name: <c>a.b = x</c> is a field <c>a</c> with an object that has a field <c>b</c>.</param>
/// <param name="Value">What is given.</param>
/// <param name="Appends">True for <c>+=</c>.</param>
/// <param name="Order">Grows through the whole text, with what it includes: a self reference means what stands before it.</param>
internal sealed record HoconField(string Key, HoconValue Value, bool Appends, int Order);

/// <summary>The field that a value belongs to; within a list, the field that has the list.</summary>
internal sealed record HoconHome(IReadOnlyList<string> Path, int Order)
{
    public static readonly HoconHome None = new([], 0);

    /// <summary>True when a reference to this path would mean the field itself or something within it.</summary>
    public bool Covers(IReadOnlyList<string> path) =>
        Path.Count > 0 && Path.Count <= path.Count && Path.SequenceEqual(path.Take(Path.Count), StringComparer.Ordinal);
}
