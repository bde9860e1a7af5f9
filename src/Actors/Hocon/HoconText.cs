using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FtpActors.Actors.Hocon;

/// <summary>A text in HOCON, as which any JSON counts as well. It is read strictly: whatever is not understood is an error with its place.</summary>
public static class HoconText
{
    // Nothing but quotes, backslashes and control characters is escaped: a person may want to read it.
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a text with everything included, merged and looked up.</summary>
    /// <param name="file">Full path of its file, to which the names of included files are relative.</param>
    /// <param name="text">The text.</param>
    /// <param name="variable">The value of a variable of the environment, null when there is none.</param>
    /// <param name="opensFiles">False for a text from elsewhere: it includes nothing.</param>
    /// <param name="givenTwice">Told, with line and column, of a key that is given twice within the same braces. Null: the later value counts.</param>
    /// <exception cref="HoconException">With the first thing that is wrong.</exception>
    public static HoconDocument Read(
        string file, string text, Func<string, string?> variable, bool opensFiles = true, Action<string>? givenTwice = null)
    {
        var resolver = new HoconResolver(new HoconReading(opensFiles, givenTwice).Read(file, text, []), variable);
        var root = resolver.Resolve();
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        Find(root, "", resolver.Variables, variables);
        return new HoconDocument(root, variables);
    }

    /// <summary>
    /// Writes a tree in the plainest HOCON: names and texts in quotes, one value on a line, a line for every bracket. Akka's reader, which
    /// stumbles over more than one closing brace on a line, reads it as what it is.
    /// </summary>
    public static string Plain(JsonNode tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var text = new StringBuilder();
        Write(text, tree);
        return text.ToString();
    }

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject o:
                text.Append("{\n");
                foreach (var (key, value) in o)
                {
                    text.Append(JsonSerializer.Serialize(key, AsWritten)).Append(" : ");
                    Write(text, value);
                }
                text.Append("}\n");
                break;
            case JsonArray { Count: > 0 } a:
                text.Append("[\n");
                foreach (var item in a)
                    Write(text, item);
                text.Append("]\n");
                break;
            default:
                text.Append(node?.ToJsonString(AsWritten) ?? "null").Append('\n');
                break;
        }
    }

    private static void Find(JsonNode? node, string path, Dictionary<JsonNode, string> variables, Dictionary<string, string> found)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        if (node is JsonObject o)
        {
            foreach (var (key, value) in o)
                Find(value, prefix + key, variables, found);
        }
        else if (node is JsonArray a)
        {
            for (var i = 0; i < a.Count; i++)
                Find(a[i], prefix + i, variables, found);
        }
        else if (node is not null && variables.TryGetValue(node, out var name))
        {
            found[path] = name;
        }
    }
}
