using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FtpActors.Actors.Hocon;

// Texts, what stands side by side, and what is referred to.
internal sealed partial class HoconResolver
{
    private const int CharactersPerWork = 64;

    private JsonNode? ScalarOf(HoconScalar scalar)
    {
        Work(scalar.Text.Length / CharactersPerWork, scalar.At);
        if (scalar.Quoted)
            return JsonValue.Create(scalar.Text);
        return scalar.Text switch
        {
            "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ => HoconLexer.IsNumber(scalar.Text) ? JsonNode.Parse(scalar.Text) : JsonValue.Create(scalar.Text),
        };
    }

    private Found Join(HoconJoined joined)
    {
        var all = joined.Parts.Select(p => (p.Space, p.Value, Found: Expand(p.Value))).ToList();
        var set = all.Where(p => p.Found.IsSet).ToList();
        if (set.Count <= 1 && !all.Exists(p => p.Value is HoconScalar))
            return set.Count == 1 ? set[0].Found : Found.Nothing;
        if (set.Find(p => KindOf(p.Found) != KindOf(set[0].Found)) is { Value: { } odd })
            throw new HoconException(odd.At, "texts, lists and objects cannot stand side by side; is a comma or a quote missing?");
        if (KindOf(set[0].Found) == JsonValueKind.Object)
            return Found.Of([.. set.SelectMany(p => p.Found.Pieces!)]);
        if (KindOf(set[0].Found) == JsonValueKind.Array)
            return Found.Of(JoinLists(set.Select(p => (JsonArray)p.Found.Value!)));

        var text = new StringBuilder();
        foreach (var (space, part, found) in all)
            text.Append(part == joined.Parts[0].Value ? "" : space).Append(found.IsSet ? TextOf(found.Value, part) : "");
        Work(text.Length / CharactersPerWork, joined.At);
        return Found.Of(JsonValue.Create(text.ToString()));
    }

    private static JsonValueKind KindOf(Found found) =>
        found.Pieces is not null ? JsonValueKind.Object : found.Value is JsonArray ? JsonValueKind.Array : JsonValueKind.String;

    private static JsonArray JoinLists(IEnumerable<JsonArray> lists)
    {
        var joined = new JsonArray();
        foreach (var list in lists)
        {
            // A node belongs to one list at a time.
            var items = list.ToList();
            list.Clear();
            items.ForEach(joined.Add);
        }
        return joined;
    }

    // A bare word within a text is only that: 1.0 beside "x" is not a number any more, nor is null nothing.
    private static string TextOf(JsonNode? value, HoconValue part) =>
        part is HoconScalar scalar ? scalar.Text
        : value is null ? "null"
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private Found LookUp(HoconSubstitution substitution)
    {
        if (!_lookedUp.Add(substitution))
            throw Circle(substitution);
        if (_lookedUp.Count > LongestChain)
            throw new HoconException(substitution.At, $"{substitution} is at the end of more than {LongestChain} references to references");
        foreach (var path in substitution.Candidates)
        {
            // A field that refers to itself means what stands before it, as in: path = ${path}":/opt/bin".
            var found = Expand(FieldsAt(path, substitution.Home.Covers(path) ? substitution.Home.Order : int.MaxValue));
            if (!found.IsSet)
                continue;
            _lookedUp.Remove(substitution);
            return found.Pieces is { } pieces ? Found.Of([.. pieces.Select(p => p with { Through = substitution })]) : found;
        }
        _lookedUp.Remove(substitution);
        if (variable(substitution.Name) is { } text)
        {
            var value = JsonValue.Create(text);
            Variables[value] = substitution.Name;
            return Found.Of(value);
        }
        return substitution.Optional ? Found.Nothing : throw Missing(substitution);
    }

    private List<HoconField> FieldsAt(IReadOnlyList<string> path, int before)
    {
        IReadOnlyList<Piece> pieces = root is HoconObject o ? [new Piece(o, null)] : [];
        for (var i = 0; i < path.Count - 1; i++)
            pieces = Expand(FieldsOf(pieces, path[i], before)).Pieces ?? [];
        return FieldsOf(pieces, path[^1], before);
    }

    private static HoconException Missing(HoconSubstitution s) => new(s.At, s.Home.Covers(s.Candidates.Last())
        ? $"{s} refers to itself, and there is no value of it before; give one first, add to a list by +=, or write ${{?{s.Name}}}"
        : $"{s} is set neither here nor in the environment; set it, or write ${{?{s.Name}}} when it may be missing");

    private HoconException Circle(HoconSubstitution s)
    {
        var names = _lookedUp.Concat(_within).Append(s).Select(l => l.ToString()).Distinct(StringComparer.Ordinal);
        return new HoconException(s.At, $"{s} refers to itself in a circle, by {string.Join(", ", names)}; write out one of them, and to add to a list write +=");
    }
}
