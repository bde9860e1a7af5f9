namespace FtpActors.Actors.Hocon;

internal enum HoconTokenKind
{
    End,
    NewLine,
    Comma,
    Separator,
    PlusSeparator,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    Bare,
    Quoted,
    SubstitutionStart,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">A text without its quotes and escapes; else as it is written.</param>
/// <param name="At">Where it begins.</param>
/// <param name="Space">The blanks before it on its line, which count between two texts.</param>
internal sealed record HoconToken(HoconTokenKind Kind, string Text, Place At, string Space)
{
    /// <summary>True for texts, in quotes or bare.</summary>
    public bool IsText => Kind is HoconTokenKind.Bare or HoconTokenKind.Quoted;

    public override string ToString() => Kind switch
    {
        HoconTokenKind.End => "the end of the file",
        HoconTokenKind.NewLine => "the end of the line",
        HoconTokenKind.Quoted => $"\"{Text}\"",
        _ => $"'{Text}'",
    };
}
