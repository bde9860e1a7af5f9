using FtpActors.Protocol;

namespace FtpActors.Actors.History.Tables;

/// <summary>Enumerations in rows: their names in lower case, so that the tables can be read by people.</summary>
internal static class Words<T> where T : struct, Enum
{
#pragma warning disable CA1308 // The words of the tables are lower case.
    private static readonly Dictionary<T, string> WordOf = Enum.GetValues<T>().ToDictionary(v => v, v => v.ToString().ToLowerInvariant());
#pragma warning restore CA1308
    private static readonly Dictionary<string, T> ValueOf = WordOf.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    public static string Of(T value) => WordOf[value];

    public static T Read(string word) => ValueOf.TryGetValue(word, out var value) ? value : throw Unknown(word, typeof(T).Name);

    public static InvalidDataException Unknown(string word, string what) => new($"The word '{word}' in the history is not known as {what}.");
}

/// <summary>The enumerations of events, whose words are those of <see cref="Names"/>.</summary>
internal static class EventWords
{
    public static EventKind Kind(string word) => Names.TryKind(word, out var kind) ? kind : throw Words<EventKind>.Unknown(word, nameof(EventKind));

    public static EventStatus Status(string word) =>
        Names.TryStatus(word, out var status) ? status : throw Words<EventStatus>.Unknown(word, nameof(EventStatus));
}
