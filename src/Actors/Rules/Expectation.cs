namespace FtpActors.Actors.Rules;

/// <summary>What a file beside an upload can say of it; the cheap ones first.</summary>
public enum ExpectationKind
{
    /// <summary>It is there, and was changed last after the upload: the client makes it when the upload is whole.</summary>
    Done,
    /// <summary>The size in bytes.</summary>
    Size,
    /// <summary>A digest.</summary>
    Md5,
    /// <summary>A digest.</summary>
    Sha1,
    /// <summary>A digest.</summary>
    Sha256,
    /// <summary>A digest.</summary>
    Sha512,
}

/// <summary>One thing that must hold of an upload.</summary>
/// <param name="Kind">What.</param>
/// <param name="Beside">The file that says it.</param>
public sealed record Expectation(ExpectationKind Kind, BesideName Beside)
{
    /// <summary>The words of rules, in the order of <see cref="ExpectationKind"/>.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. Enum.GetNames<ExpectationKind>().Select(n => n.ToLowerInvariant())];

    /// <summary>Its word.</summary>
    public string Word => Words[(int)Kind];

    /// <summary>Whether a word of a manifest can be the value of this kind.</summary>
    public bool IsValue(string word) => Kind == ExpectationKind.Size
        ? word.Length is > 0 and < 19 && word.All(char.IsAsciiDigit)
        : word.Length == HexDigits && word.All(char.IsAsciiHexDigit);

    private int HexDigits => Kind switch { ExpectationKind.Md5 => 32, ExpectationKind.Sha1 => 40, ExpectationKind.Sha256 => 64, ExpectationKind.Sha512 => 128, _ => 0 };
}
