namespace FtpActors.Actors.Hocon;

// Values, paths and includes.
internal sealed partial class HoconParser
{
    private HoconValue Value(HoconHome home, IReadOnlyList<string>? path, string missing)
    {
        var at = _token.At;
        var parts = new List<(string Space, HoconValue Value)>();
        for (; ; )
        {
            var space = _token.Space;
            HoconValue? part = _token.Kind switch
            {
                HoconTokenKind.Bare or HoconTokenKind.Quoted => Scalar(),
                HoconTokenKind.SubstitutionStart => Substitution(home),
                HoconTokenKind.OpenBrace => Braces(home, path),
                HoconTokenKind.OpenBracket => List(home),
                _ => null,
            };
            if (part is null)
                break;
            parts.Add((space, part));
        }
        return parts.Count switch
        {
            0 => throw new HoconException(at, missing),
            1 => parts[0].Value,
            _ => new HoconJoined(at, parts),
        };
    }

    private HoconScalar Scalar()
    {
        var scalar = new HoconScalar(_token.At, _token.Text, _token.Kind == HoconTokenKind.Quoted);
        Advance();
        return scalar;
    }

    private HoconSubstitution Substitution(HoconHome home)
    {
        var at = _token.At;
        var optional = _token.Text.EndsWith('?');
        Advance();
        var path = Path(k => k == HoconTokenKind.CloseBrace, "the path of a key", "a }", goesOn: false);
        Advance();
        return new HoconSubstitution(at, path, optional, home, _included);
    }

    // Names joined by dots; in quotes a dot is part of the name.
    private List<string> Path(Func<HoconTokenKind, bool> isEnd, string what, string follow, bool goesOn)
    {
        var first = _token;
        var names = new List<string>();
        var quoted = new HashSet<int>();
        for (; _token.IsText; Advance())
        {
            var pieces = _token.Kind == HoconTokenKind.Quoted ? [_token.Text] : _token.Text.Split('.');
            // Blanks between two words belong to the name, those around a dot do not.
            if (names.Count > 0)
                names[^1] += (names[^1].Length > 0 && pieces[0].Length > 0 ? _token.Space : "") + pieces[0];
            else
                names.Add(pieces[0]);
            names.AddRange(pieces[1..]);
            if (_token.Kind == HoconTokenKind.Quoted)
                quoted.Add(names.Count - 1);
        }
        if (goesOn)
            SkipNewLines();
        var whole = string.Join('.', names);
        if (names.Count == 0)
            throw Wrong($"{what} is needed here, not {_token}");
        if (names.Where((name, i) => name.Length == 0 && !quoted.Contains(i)).Any())
            throw new HoconException(first.At, $"\"{whole}\" has a dot too many; a name with dots is written in quotes");
        if (!isEnd(_token.Kind))
            throw new HoconException(first.At, $"behind {what} such as \"{whole}\" {follow} is needed, not {_token}");
        return names;
    }
}
