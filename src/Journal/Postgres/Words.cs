namespace FtpActors.Journal.Postgres;

/// <summary>The words of an enum in the tables: its names in lower case.</summary>
internal static class Words<T> where T : struct, Enum
{
#pragma warning disable CA1308 // The words of the tables are lower case.
    private static readonly Dictionary<T, string> WordOf = Enum.GetValues<T>().ToDictionary(v => v, v => v.ToString().ToLowerInvariant());
#pragma warning restore CA1308
    private static readonly Dictionary<string, T> ValueOf = WordOf.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    public static string Of(T value) => WordOf[value];

    /// <exception cref="JournalUnusableException">A newer program, or a person, wrote a word that is not known.</exception>
    public static T Parse(string word) => ValueOf.TryGetValue(word, out var value)
        ? value
        : throw new JournalUnusableException($"The journal has the word '{word}' where one of {string.Join(", ", ValueOf.Keys)} belongs. Run the newer program that wrote it.");
}
