namespace FtpActors.Actors.Hocon;

/// <summary>Reads a text into what it says, value by value. Nothing is merged or looked up; only what it includes is read as well.</summary>
internal sealed partial class HoconParser
{
    // Readers of JSON end at 64, and the stack has an end as well.
    private const int DeepestNesting = 60;

    private readonly HoconLexer _lexer;
    private readonly HoconReading _reading;
    private readonly IReadOnlyList<string> _included;
    private HoconToken _token;
    private HoconToken? _returned;
    private int _depth;

    private HoconParser(string file, string text, HoconReading reading, IReadOnlyList<string> included)
    {
        _lexer = new HoconLexer(file, text);
        _reading = reading;
        _included = included;
        _token = _lexer.Next();
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="file">Its full path.</param>
    /// <param name="text">What is in it.</param>
    /// <param name="reading">What is shared with the files that it includes.</param>
    /// <param name="included">The path of the object that includes it.</param>
    /// <exception cref="HoconException">At the first thing that is not HOCON.</exception>
    public static HoconValue Read(string file, string text, HoconReading reading, IReadOnlyList<string> included)
    {
        var parser = new HoconParser(file, text, reading, included);
        parser.SkipNewLines();
        var home = new HoconHome(included, 0);
        HoconValue root = parser._token.Kind switch
        {
            HoconTokenKind.OpenBracket => parser.List(HoconHome.None),
            HoconTokenKind.OpenBrace => parser.Braces(home, included),
            _ => parser.Fields(parser._token.At, HoconTokenKind.End, home, included),
        };
        parser.SkipNewLines();
        if (parser._token.Kind != HoconTokenKind.End)
            throw parser.Wrong($"{parser._token} stands behind the end of the whole; is there a bracket too many before it?");
        return root;
    }

    private HoconObject Braces(HoconHome home, IReadOnlyList<string>? path)
    {
        var open = _token.At;
        Enter();
        Advance();
        var fields = Fields(open, HoconTokenKind.CloseBrace, home, path);
        Advance();
        _depth--;
        return fields;
    }

    // The path is null within a list: no reference reaches what is there.
    private HoconObject Fields(Place open, HoconTokenKind close, HoconHome home, IReadOnlyList<string>? path)
    {
        var fields = new List<HoconField>();
        var given = new HashSet<string>(StringComparer.Ordinal);
        SkipNewLines();
        while (_token.Kind != close)
        {
            if (_token.Kind == HoconTokenKind.End)
                throw new HoconException(open, "this { is never closed; put a } where it ends");
            if (!TryInclude(fields, path))
                fields.Add(Field(given, home, path));
            EndOfItem(close);
        }
        return new HoconObject(open, fields);
    }

    private HoconField Field(HashSet<string> given, HoconHome home, IReadOnlyList<string>? path)
    {
        var at = _token.At;
        var key = Path(k => k is HoconTokenKind.Separator or HoconTokenKind.PlusSeparator or HoconTokenKind.OpenBrace,
            "a key", "= and a value, or { ... },", goesOn: true);
        var order = _reading.NextOrder(key.Count);
        IReadOnlyList<string>? full = path is null ? null : [.. path, .. key];
        var own = full is null ? home : new HoconHome(full, order);

        var appends = _token.Kind == HoconTokenKind.PlusSeparator;
        if (_token.Kind != HoconTokenKind.OpenBrace)
            Advance();
        SkipNewLines();
        var value = Value(own, full, $"\"{string.Join('.', key)}\" has no value; write one behind the '=', or \"\" for an empty text");
        if (!given.Add(string.Join('\0', key)) && !appends && value is not (HoconSubstitution or HoconJoined))
            _reading.GivenTwice?.Invoke($"line {at.Line}, column {at.Column}: {string.Join('.', key)}: given twice; keep one");

        var field = new HoconField(key[^1], value, appends, order);
        for (var i = key.Count - 2; i >= 0; i--)
            field = new HoconField(key[i], new HoconObject(at, [field]), false, --order);
        return field;
    }

    private HoconList List(HoconHome home)
    {
        var open = _token.At;
        var items = new List<HoconValue>();
        Enter();
        Advance();
        SkipNewLines();
        while (_token.Kind != HoconTokenKind.CloseBracket)
        {
            if (_token.Kind == HoconTokenKind.End)
                throw new HoconException(open, "this [ is never closed; put a ] where it ends");
            items.Add(Value(home, null, $"an entry of the list is needed here, not {_token}"));
            EndOfItem(HoconTokenKind.CloseBracket);
        }
        Advance();
        _depth--;
        return new HoconList(open, items);
    }

    // A comma or the end of the line ends an item; a comma may also stand behind the last one.
    private void EndOfItem(HoconTokenKind close)
    {
        var ended = _token.Kind is HoconTokenKind.NewLine or HoconTokenKind.Comma or HoconTokenKind.End || _token.Kind == close;
        if (!ended)
        {
            throw Wrong(_token.Kind is HoconTokenKind.Separator or HoconTokenKind.PlusSeparator
                ? $"{_token} stands in a value; put a text that has it in quotes, or begin a new line before its key"
                : $"{_token} closes nothing here");
        }
        SkipNewLines();
        if (_token.Kind == HoconTokenKind.Comma)
            Advance();
        SkipNewLines();
    }

    private void Enter()
    {
        if (++_depth > DeepestNesting)
            throw Wrong($"brackets are nested deeper than {DeepestNesting}");
    }

    private void SkipNewLines()
    {
        while (_token.Kind == HoconTokenKind.NewLine)
            Advance();
    }

    private void Advance() => (_token, _returned) = (_returned ?? _lexer.Next(), null);

    private HoconException Wrong(string what) => new(_token.At, what);
}
