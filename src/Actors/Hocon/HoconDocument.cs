using System.Text.Json.Nodes;

namespace FtpActors.Actors.Hocon;

/// <summary>What a text in HOCON says.</summary>
/// <param name="Root">The object, or the list. Numbers, true, false and null are those that stand there without quotes.</param>
/// <param name="Variables">The values that are the text of a variable of the environment: the path of each, such as <c>sources.0.key</c>, and the variable.</param>
public sealed record HoconDocument(JsonNode Root, IReadOnlyDictionary<string, string> Variables);
