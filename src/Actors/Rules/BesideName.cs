using System.Text;
using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>
/// The name of a file in the folder of an upload that says something about it: a fixed one such as <c>SHA256SUMS</c>, or one with <c>{name}</c> (the upload's name) or <c>{stem}</c> (that
/// without its last extension). Pure.
/// </summary>
public sealed record BesideName
{
    private const string Name = "{name}", Stem = "{stem}";

    private readonly string _before;
    private readonly string _after;
    private readonly bool _isStem;
    private readonly bool _isFixed;

    private BesideName(string text, string? word)
    {
        Text = text;
        (_isFixed, _isStem) = (word is null, word == Stem);
        var at = word is null ? text.Length : text.IndexOf(word, StringComparison.Ordinal);
        (_before, _after) = (text[..at], text[(at + (word?.Length ?? 0))..]);
    }

    /// <summary>As the rule has it.</summary>
    public string Text { get; }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It cannot be one; the message says why.</exception>
    public static BesideName Parse(string text)
    {
        if (text.Length == 0 || text.Contains('/', StringComparison.Ordinal) || text.Any(char.IsControl) || text is "." or "..")
            throw new FormatException("the name of a file in the folder of the upload, without a slash");
        string[] words = [.. new[] { Name, Stem }.Where(w => text.Contains(w, StringComparison.Ordinal))];
        var name = new BesideName(text, words.FirstOrDefault());
        // In what is left a brace is a word that is misspelt, or a second one.
        if ((name._before + name._after).AsSpan().ContainsAny('{', '}'))
            throw new FormatException($"at most one of {Name} and {Stem}, and no other braces");
        if (text is Name or Stem)
            throw new FormatException($"{Name} alone is the upload itself; something must stand before or behind it, such as {Name}.sha256");
        return name;
    }

    /// <summary>The whole path of the file for an upload.</summary>
    /// <param name="upload">Its whole path.</param>
    public byte[] For(ReadOnlySpan<byte> upload)
    {
        var slash = upload.LastIndexOf((byte)'/');
        var name = upload[(slash + 1)..];
        if (_isStem && name.LastIndexOf((byte)'.') is > 0 and var dot)
            name = name[..dot];
        return [.. upload[..(slash + 1)], .. Encoding.UTF8.GetBytes(_before), .. _isFixed ? [] : name, .. Encoding.UTF8.GetBytes(_after)];
    }

    /// <summary>Whether a file has such a name itself: it says something of another one.</summary>
    /// <param name="path">Its path, in the form of <see cref="ReversibleText"/>.</param>
    public bool Fits(string path)
    {
        var name = Encoding.Latin1.GetString(ReversibleText.ToBytes(path[(path.LastIndexOf('/') + 1)..]));
        var (before, after) = (Latin(_before), Latin(_after));
        return _isFixed
            ? name == before
            : name.Length > before.Length + after.Length && name.StartsWith(before, StringComparison.Ordinal) && name.EndsWith(after, StringComparison.Ordinal);
    }

    // A byte a character: names are compared by their bytes.
    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
