using System.Text.Json.Nodes;

namespace FtpActors.Actors.Hocon;

/// <summary>
/// Makes the values of what was written: merges the objects of a key, joins what stands side by side and looks up what is referred to.
/// Only what is asked for is looked at, so two objects may refer to each other's keys; and what a later value hides is never missed.
/// </summary>
internal sealed partial class HoconResolver(HoconValue root, Func<string, string?> variable)
{
    // Readers of JSON end at 64; the others are far above what any person writes.
    private const int DeepestNesting = 60;
    private const int LongestChain = 200;
    private const int MostWork = 1_000_000;

    private readonly HashSet<HoconSubstitution> _lookedUp = [];
    private readonly HashSet<HoconSubstitution> _within = [];
    private int _depth;
    private long _work;

    /// <summary>The values that are the text of a variable of the environment, with its name.</summary>
    public Dictionary<JsonNode, string> Variables { get; } = new(ReferenceEqualityComparer.Instance);

    /// <exception cref="HoconException">Something is missing, refers to itself, or does not fit together.</exception>
    public JsonNode Resolve() => Make(Expand(root), root.At)!;

    // An object of which parts stand in several places, and how each was reached.
    private readonly record struct Piece(HoconObject Object, HoconSubstitution? Through);

    // The pieces of an object, or any other value, which may be null; or nothing, when all that it refers to is missing and may be.
    private readonly record struct Found(IReadOnlyList<Piece>? Pieces, JsonNode? Value, bool IsSet)
    {
        public static Found Nothing => default;

        public static Found Of(JsonNode? value) => new(null, value, true);

        public static Found Of(IReadOnlyList<Piece> pieces) => new(pieces, null, true);
    }

    private JsonNode? Make(Found found, Place at)
    {
        if (found.Pieces is not { } pieces)
            return found.Value;
        Deeper(at);
        var through = pieces.Select(p => p.Through).OfType<HoconSubstitution>().Distinct().ToList();
        foreach (var substitution in through)
        {
            if (!_within.Add(substitution))
                throw Circle(substitution);
        }
        var made = new JsonObject();
        foreach (var key in pieces.SelectMany(p => p.Object.Fields).Select(f => f.Key).Distinct(StringComparer.Ordinal))
        {
            var fields = FieldsOf(pieces, key, int.MaxValue);
            if (Expand(fields) is { IsSet: true } value)
                made[key] = Make(value, fields[^1].Value.At);
        }
        _within.ExceptWith(through);
        _depth--;
        return made;
    }

    private List<HoconField> FieldsOf(IReadOnlyList<Piece> pieces, string key, int before)
    {
        Work(pieces.Count, root.At);
        return [.. pieces.SelectMany(p => p.Object.Of(key).Where(f => p.Through is not null || f.Order < before))];
    }

    // From the last to the first: what is before a value that is no object does not count.
    private Found Expand(List<HoconField> fields)
    {
        var objects = new Stack<IReadOnlyList<Piece>>();
        var appended = new Stack<JsonNode?>();
        JsonArray? list = null;
        for (var i = fields.Count - 1; i >= 0; i--)
        {
            var field = fields[i];
            if (field.Appends && objects.Count > 0)
                break;
            if (Expand(field.Value) is not { IsSet: true } found)
                continue;
            if (field.Appends)
            {
                appended.Push(Make(found, field.Value.At));
                continue;
            }
            if (appended.Count > 0)
            {
                list = found.Value as JsonArray ?? throw new HoconException(field.Value.At, $"\"{field.Key}\" is no list, and += adds to it; write [ ... ] here");
                break;
            }
            if (found.Pieces is null)
            {
                if (objects.Count == 0)
                    return found;
                break;
            }
            objects.Push(found.Pieces);
        }
        if (appended.Count == 0)
            return objects.Count > 0 ? Found.Of([.. objects.SelectMany(o => o)]) : Found.Nothing;
        list ??= [];
        foreach (var item in appended)
            list.Add(item);
        return Found.Of(list);
    }

    private Found Expand(HoconValue value)
    {
        Work(1, value.At);
        return value switch
        {
            HoconObject o => Found.Of([new Piece(o, null)]),
            HoconList list => Found.Of(ListOf(list)),
            HoconScalar scalar => Found.Of(ScalarOf(scalar)),
            HoconJoined joined => Join(joined),
            HoconSubstitution substitution => LookUp(substitution),
            _ => throw new InvalidOperationException(value.GetType().Name),
        };
    }

    private JsonArray ListOf(HoconList list)
    {
        Deeper(list.At);
        var made = new JsonArray();
        foreach (var item in list.Items)
        {
            if (Expand(item) is { IsSet: true } found)
                made.Add(Make(found, item.At));
        }
        _depth--;
        return made;
    }

    private void Deeper(Place at)
    {
        if (++_depth > DeepestNesting)
            throw new HoconException(at, $"objects and lists are nested deeper than {DeepestNesting}");
    }

    // A few lines that double what the line before says would otherwise fill any memory.
    private void Work(int amount, Place at)
    {
        if ((_work += amount) > MostWork)
            throw new HoconException(at, "by what refers to what, the whole becomes too long");
    }
}
