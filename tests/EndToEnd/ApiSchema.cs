using System.Text.Json;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Whether answers are what the OpenAPI document says: all its names and types, and none besides.</summary>
internal sealed class ApiSchema(JsonElement document)
{
    public IEnumerable<(string Method, string Path, JsonElement Operation)> Operations() =>
        from path in document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select (operation.Name.ToUpperInvariant(), path.Name, operation.Value);

    /// <summary>The schema of an operation's answer; null for a stream.</summary>
    public static JsonElement? AnswerOf(JsonElement operation) =>
        operation.GetProperty("responses").GetProperty("200").GetProperty("content").TryGetProperty("application/json", out var content) ? content.GetProperty("schema") : null;

    /// <summary>The schema of a stream's events.</summary>
    public static JsonElement EventOf(JsonElement operation) =>
        operation.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("text/event-stream").GetProperty("schema");

    public JsonElement Problem => document.GetProperty("components").GetProperty("schemas").GetProperty(nameof(Problem));

    /// <summary>What does not fit, each with its place.</summary>
    public IEnumerable<string> Faults(JsonElement schema, JsonElement value, string at = "$")
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            var name = reference.GetString()!.Split('/')[^1];
            return Faults(document.GetProperty("components").GetProperty("schemas").GetProperty(name), value, at);
        }
        if (schema.TryGetProperty("oneOf", out var choices))
            return choices.EnumerateArray().Any(choice => !Faults(choice, value, at).Any()) ? [] : [$"{at}: fits none of the choices: {value}"];
        if (schema.TryGetProperty("type", out var type) && !IsOf(type, value))
            return [$"{at}: {value.ValueKind} is not {type}"];
        return value.ValueKind switch
        {
            JsonValueKind.Object => FaultsOfObject(schema, value, at),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => value.EnumerateArray().SelectMany((item, i) => Faults(items, item, $"{at}[{i}]")),
            _ => [],
        };
    }

    private IEnumerable<string> FaultsOfObject(JsonElement schema, JsonElement value, string at)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            yield break;
        foreach (var name in schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(r => r.GetString()!) : [])
        {
            if (!value.TryGetProperty(name, out _))
                yield return $"{at}.{name}: missing";
        }
        foreach (var property in value.EnumerateObject())
        {
            if (!properties.TryGetProperty(property.Name, out var known))
            {
                yield return $"{at}.{property.Name}: not in the document";
                continue;
            }
            foreach (var fault in Faults(known, property.Value, $"{at}.{property.Name}"))
                yield return fault;
        }
    }

    private static bool IsOf(JsonElement type, JsonElement value) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(one => IsOf(one, value)) : (type.GetString(), value.ValueKind) switch
        {
            ("string", JsonValueKind.String) or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object)
                or ("array", JsonValueKind.Array) or ("number", JsonValueKind.Number) => true,
            ("integer", JsonValueKind.Number) => value.TryGetInt64(out _),
            _ => false,
        };
}
