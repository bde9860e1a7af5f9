namespace FtpActors.Actors.Hocon;

/// <summary>What a file and all that it includes have in common while they are read.</summary>
internal sealed class HoconReading(bool opensFiles, Action<string>? givenTwice)
{
    private readonly List<string> _files = [];
    private int _order;

    /// <summary>Told of a key that is given twice within the same braces; null when that is no mistake.</summary>
    public Action<string>? GivenTwice { get; } = givenTwice;

    /// <summary>The order of a field, the last of as many as its path has names.</summary>
    public int NextOrder(int names) => _order += names;

    public HoconValue Read(string file, string text, IReadOnlyList<string> included)
    {
        _files.Add(file);
        var value = HoconParser.Read(file, text, this, included);
        _files.Remove(file);
        return value;
    }

    /// <summary>Reads a file whose name is relative to the one that includes it. It must exist: a wrong name would drop its settings silently.</summary>
    public HoconObject Include(Place at, string name, IReadOnlyList<string> path)
    {
        if (!opensFiles)
            throw new HoconException(at, "nothing can be included here, because this text comes from elsewhere; put the text of the other file in its place");
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new HoconException(at, "the name of a file has no NUL in it");
        var file = Path.GetFullPath(name, Path.GetDirectoryName(at.File) ?? "/");
        if (_files.Contains(file, StringComparer.Ordinal))
            throw new HoconException(at, $"{file} is included by itself: {string.Join(" includes ", [.. _files, file])}");
        try
        {
            return Read(file, File.ReadAllText(file), path) as HoconObject
                ?? throw new HoconException(at, $"{file} is a list; only an object can be included, key = value");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HoconException(at, $"{file} cannot be included: {e.Message}");
        }
    }
}
