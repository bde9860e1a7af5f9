namespace FtpActors.Actors.Rules;

/// <summary>The known word that a person most likely meant.</summary>
internal static class Nearest
{
    /// <summary>" (did you mean 'x'?)", or "" when nothing is near.</summary>
    public static string Hint(string word, IEnumerable<string> known)
    {
        var best = known.Select(k => (Word: k, Distance: Distance(word, k))).OrderBy(k => k.Distance).FirstOrDefault();
        return best.Word is not null && best.Distance <= Math.Max(word.Length > 3 ? 2 : 1, word.Length / 3) ? $" (did you mean '{best.Word}'?)" : "";
    }

    /// <summary>Levenshtein's distance: the fewest insertions, removals and replacements that make one word the other.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
