using System.Text;

namespace FtpActors.Actors.Rules;

/// <summary>
/// RFC 4180, strictly: fields apart by commas, records by LF or CRLF, quotes around a field that has commas, quotes (doubled) or line
/// breaks. Empty lines are skipped.
/// </summary>
internal static class CsvReader
{
    /// <summary>The records of a text, each with the number of the line it begins on. A malformed record is reported and ends the reading.</summary>
    public static IEnumerable<(int Line, List<string> Record)> Records(string text, Action<string> problem)
    {
        var line = 1;
        var field = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (EndOfLine(text, i) is > 0 and var empty)
            {
                i += empty;
                line++;
                continue;
            }
            var record = new List<string>();
            var begin = line;
            while (true)
            {
                field.Clear();
                if (i < text.Length && text[i] == '"')
                {
                    if (!Quoted(text, ref i, ref line, field))
                    {
                        problem($"line {begin}: a quote is not closed, or text follows it; a quote within quotes is written twice");
                        yield break;
                    }
                }
                else
                {
                    for (; i < text.Length && text[i] != ',' && EndOfLine(text, i) == 0; i++)
                        field.Append(text[i]);
                    if (field.ToString().Contains('"', StringComparison.Ordinal))
                    {
                        problem($"line {begin}: a quote within a field without quotes; put the whole field in quotes and double the inner one");
                        yield break;
                    }
                }
                record.Add(field.ToString());
                if (i >= text.Length || text[i] != ',')
                    break;
                i++;
            }
            if (i < text.Length)
                i += EndOfLine(text, i);
            line++;
            yield return (begin, record);
        }
    }

    private static int EndOfLine(string text, int at) =>
        text[at] == '\n' ? 1 : text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 0;

    // Leaves i after the closing quote; false when there is none or when what follows is neither a comma nor the end of the record.
    private static bool Quoted(string text, ref int i, ref int line, StringBuilder field)
    {
        for (i++; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                if (i + 1 >= text.Length || text[i + 1] != '"')
                {
                    i++;
                    return i == text.Length || text[i] == ',' || EndOfLine(text, i) > 0;
                }
                i++;
            }
            else if (text[i] == '\n')
            {
                line++;
            }
            field.Append(text[i]);
        }
        return false;
    }
}
