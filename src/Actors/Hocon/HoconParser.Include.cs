namespace FtpActors.Actors.Hocon;

// Other files, whose fields stand where they are included.
internal sealed partial class HoconParser
{
    private bool TryInclude(List<HoconField> fields, IReadOnlyList<string>? path)
    {
        if (_token is not { Kind: HoconTokenKind.Bare, Text: "include" })
            return false;
        var include = _token;
        Advance();
        if (_token.Kind is HoconTokenKind.Separator or HoconTokenKind.PlusSeparator or HoconTokenKind.OpenBrace)
        {
            // A key of that name.
            (_returned, _token) = (_token, include);
            return false;
        }
        var (opening, name, closing) = (Word(HoconTokenKind.Bare), Word(HoconTokenKind.Quoted), Word(HoconTokenKind.Bare));
        var known = (opening, closing) is ("", "") or ("file(", ")") or ("required(", ")") or ("required(file(", "))");
        if (!known || name.Length == 0)
            throw new HoconException(include.At, "include needs the name of a file in quotes: include \"other.conf\"");
        fields.AddRange(_reading.Include(include.At, name, path ?? []).Fields);
        return true;
    }

    private string Word(HoconTokenKind kind)
    {
        if (_token.Kind != kind)
            return "";
        var text = _token.Text;
        Advance();
        return text;
    }
}
