using FtpActors.Protocol.Globs;

namespace FtpActors.Ingest.Watching;

/// <summary>Whose a file is.</summary>
public interface IFileUsers
{
    /// <summary>Login name, "" when nothing tells.</summary>
    /// <param name="path">The file.</param>
    /// <param name="owner">User id of its owner.</param>
    string UserOf(string path, uint owner);
}

/// <summary>By the path: <c>/srv/sftp/{user}/**</c>.</summary>
public sealed class UsersByPath : IFileUsers
{
    /// <summary>Stands for the user in a pattern.</summary>
    public const string Word = "{user}";

    private readonly Glob _whole;
    private readonly int _segment;
    private readonly int _before;
    private readonly int _after;

    /// <param name="pattern">A path pattern with <see cref="Word"/> once.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public UsersByPath(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        var parts = pattern.Split('/');
        _segment = Array.FindIndex(parts, p => p.Contains(Word, StringComparison.Ordinal));
        if (!pattern.StartsWith('/') || _segment < 0 || pattern.Split(Word).Length != 2 || parts.Take(_segment).Contains("**"))
            throw new FormatException($"'{pattern}' is no full path with {Word} once and no ** before it.");
        var word = parts[_segment].IndexOf(Word, StringComparison.Ordinal);
        (_before, _after) = (word, parts[_segment].Length - word - Word.Length);
        _whole = Glob.ForPath(pattern.Replace(Word, "*", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public string UserOf(string path, uint owner)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!_whole.IsMatch(path))
            return "";
        var segment = path.Split('/', _segment + 2)[_segment];
        return segment.Length > _before + _after ? segment[_before..^_after] : "";
    }
}

/// <summary>By the owner of the file.</summary>
/// <param name="nameOf">The account of a user id, null when there is none.</param>
public sealed class UsersByOwner(Func<uint, string?> nameOf) : IFileUsers
{
    // Accounts of the files of one server; a name service is not asked for each file. Few owners, so few entries.
    private readonly Dictionary<uint, (string Name, long At)> _names = [];

    /// <inheritdoc/>
    public string UserOf(string path, uint owner)
    {
        var now = Environment.TickCount64;
        if (!_names.TryGetValue(owner, out var known) || now - known.At > 60_000)
            _names[owner] = known = (nameOf(owner) ?? "", now);
        return known.Name;
    }
}

/// <summary>By the home folders of the user directory: the longest that the file is in.</summary>
/// <param name="homes">Home folder and login.</param>
public sealed class UsersByHome(IEnumerable<(string Home, string User)> homes) : IFileUsers
{
    private readonly Dictionary<string, string> _users = homes.Where(h => h.Home.Length > 0).GroupBy(h => h.Home.TrimEnd('/'), StringComparer.Ordinal)
        // Two users with one home: nothing tells them apart.
        .ToDictionary(g => g.Key, g => g.Count() == 1 ? g.First().User : "", StringComparer.Ordinal);

    /// <inheritdoc/>
    public string UserOf(string path, uint owner)
    {
        ArgumentNullException.ThrowIfNull(path);
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            if (_users.TryGetValue(path[..end], out var user))
                return user;
        }
        return "";
    }
}
