using System.Text;
using CsvHelper;
using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>
/// The user directory as read from one CSV file (RFC 4180): the first line names the fields, one of them <c>login</c>. Texts are
/// kept in the form of <see cref="ReversibleText"/>, so that a login compares with the user of an event byte for byte.
/// </summary>
public sealed class UserTable
{
    private static readonly CsvReaderOptions Strict = new()
    {
        Separator = ',', HasHeader = false, MalformedData = CsvMalformedDataHandling.Throw, TrackLineNumbers = true,
    };

    private readonly Dictionary<string, IReadOnlyDictionary<string, object?>> _users;

    private UserTable(IReadOnlyList<string> fields, Dictionary<string, IReadOnlyDictionary<string, object?>> users)
    {
        Fields = fields;
        _users = users;
    }

    /// <summary>Nobody.</summary>
    public static UserTable Empty { get; } = new([], []);

    /// <summary>The names of the fields.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>Number of users.</summary>
    public int Count => _users.Count;

    /// <summary>All logins, in no order.</summary>
    public IEnumerable<string> Logins => _users.Keys;

    /// <summary>The fields of a user, null when the file has no such login.</summary>
    public IReadOnlyDictionary<string, object?>? Find(string login) => _users.GetValueOrDefault(login);

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="fileName">Its name, for the report.</param>
    /// <returns>The users, null when there is any problem; and the problems (at most 20), each with file and line.</returns>
    public static (UserTable? Users, IReadOnlyList<string> Problems) Parse(ReadOnlySpan<byte> bytes, string fileName)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        var problems = new List<string>();
        var text = ReversibleText.FromBytes(bytes);
        IReadOnlyList<string>? fields = null;
        var users = new Dictionary<string, IReadOnlyDictionary<string, object?>>(StringComparer.Ordinal);
        foreach (var (line, record) in Records(text, problem => problems.Add($"{fileName}: {problem}")))
        {
            if (problems.Count >= 20)
                break;
            if (fields is null)
            {
                fields = [.. record.Select(f => f.Trim())];
                if (!fields.Contains("login", StringComparer.Ordinal))
                    problems.Add($"{fileName}: line {line}: there is no field login; the first line names the fields, such as login,name,email,home");
                if (fields.Distinct(StringComparer.Ordinal).Count() < fields.Count)
                    problems.Add($"{fileName}: line {line}: a field is named twice");
                if (problems.Count > 0)
                    break;
                continue;
            }
            if (record.Length != fields.Count)
            {
                problems.Add($"{fileName}: line {line}: {record.Length} fields, but the first line names {fields.Count}");
                continue;
            }
            var user = new Dictionary<string, object?>(StringComparer.Ordinal);
            for (var i = 0; i < fields.Count; i++)
                user[fields[i]] = record[i];
            var login = (string)user["login"]!;
            if (login.Length == 0 || !users.TryAdd(login, user))
                problems.Add($"{fileName}: line {line}: login \"{Rules.Fields.AsWritten(login)}\" is {(login.Length == 0 ? "empty" : "there already")}");
        }
        if (fields is null)
            problems.Add($"{fileName}: the file is empty; its first line names the fields, such as login,name,email,home");
        return problems.Count == 0 ? (new UserTable(fields!, users), problems) : (null, problems);
    }

    // Each record with the number of the line it begins on. A malformed one is reported and ends the reading.
    private static IEnumerable<(long Line, string[] Record)> Records(string text, Action<string> problem)
    {
        using var reader = CsvReader.FromText(text, Strict);
        while (Read(reader, problem))
            yield return (reader.LineNumber, [.. Enumerable.Range(0, reader.FieldCount).Select(i => reader[i].ToString())]);
    }

    private static bool Read(CsvReader reader, Action<string> problem)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException e)
        {
            problem($"line {e.LineNumber}: a quote is not closed or stands within a field; a field with quotes stands in quotes itself, with each inner one written twice");
            return false;
        }
    }
}
