using System.Text;

namespace FtpActors.Protocol.Globs;

/// <summary>
/// All ways through a pattern at once, one bit per state (shift-and): state i means that i pieces of the pattern have been used up.
/// One step per UTF-16 unit, whatever the pattern.
/// </summary>
internal sealed class GlobMachine
{
    private readonly int _words;
    private readonly bool _ignoreCase;
    private readonly int _final;
    private readonly ulong[] _empty;        // runs, which may stand for nothing
    private readonly ulong[] _fork;         // entrance of a Folders piece
    private readonly ulong[] _lowSurrogate; // second half of "?" for a surrogate pair
    private readonly ulong[][] _step;       // by ASCII unit: states that go on to the next
    private readonly ulong[][] _stay;       // by "is a slash": states that stay
    private readonly ulong[][]? _others;    // by "is a low surrogate": the step of a unit beyond ASCII that the pattern does not name
    private readonly ulong[]? _oneWordStep; // _step of patterns that fit one word, as nearly all do
    private readonly HashSet<char> _named;
    private readonly List<(int State, GlobToken Token)> _states = [];

    public GlobMachine(List<GlobToken> tokens, bool ignoreCase)
    {
        _ignoreCase = ignoreCase;
        foreach (var token in tokens)
        {
            if (_states.Count > 0 && IsRun(token) && IsRun(_states[^1].Token))
            {
                // Two runs side by side are one, and the wider of them: so a run never leads to a run.
                if (token.Kind == GlobTokenKind.Any)
                    _states[^1] = (_states.Count - 1, token);
                continue;
            }
            _states.Add((_states.Count, token));
            // "?" may take a surrogate pair, Folders has an entrance and a loop: two states each.
            if (token.Kind is GlobTokenKind.Folders or GlobTokenKind.One or GlobTokenKind.OneOfAll or GlobTokenKind.Class)
                _states.Add((_states.Count, token));
        }
        _final = _states.Count;
        _words = (_final + 64) / 64;
        _empty = Where((i, t) => IsRun(t));
        _fork = Where((i, t) => t.Kind == GlobTokenKind.Folders && IsFirst(i));
        _lowSurrogate = Where((i, t) => IsOne(t) && !IsFirst(i));
        _stay = [Where((i, t) => IsRun(t) || IsLoop(i, t)), Where((i, t) => t.Kind == GlobTokenKind.Any || IsLoop(i, t))];
        _named = [.. tokens.Where(t => t.Kind == GlobTokenKind.Literal).Select(t => Fold(t.Low))];
        _step = [.. Enumerable.Range(0, 128).Select(c => StepOf((char)c))];
        if (_words == 1)
            _oneWordStep = [.. _step.Select(step => step[0])];
        if (!tokens.Exists(t => t.Kind == GlobTokenKind.Class))
            _others = [StepOf(NamesNothing), StepOf(NamesNoLow)];
    }

    // Units that no pattern can name: a noncharacter, and a low surrogate above those that stand for bytes but never alone in text.
    private const char NamesNothing = '\uFFFF';
    private const char NamesNoLow = '\uDFFF';

    public bool IsMatch(ReadOnlySpan<char> text) =>
        _oneWordStep is { } steps && Ascii.IsValid(text) ? IsMatchInOneWord(text, steps) : IsMatchInWords(text);

    // The same as below without loops over words and without surrogates.
    private bool IsMatchInOneWord(ReadOnlySpan<char> text, ulong[] steps)
    {
        var (empty, fork, inside) = (_empty[0], _fork[0], _lowSurrogate[0]);
        var (stay, stayAtSlash) = (_stay[0][0], _stay[1][0]);
        var state = 1 | ((1 & fork) << 1) | ((1 & fork) << 2);
        state |= (state & empty) << 1;
        foreach (var c in text)
        {
            state = ((state & steps[c]) << 1) | (state & (c == '/' ? stayAtSlash : stay));
            state = (state & ~inside) | ((state & inside) << 1);
            var forks = state & fork;
            state |= (forks << 1) | (forks << 2);
            state |= (state & empty) << 1;
            if (state == 0)
                return false;
        }
        return (state >> _final & 1) != 0;
    }

    private bool IsMatchInWords(ReadOnlySpan<char> text)
    {
        Span<ulong> state = stackalloc ulong[_words];
        Span<ulong> next = stackalloc ulong[_words];
        state.Clear();
        state[0] = 1;
        Close(state);
        for (var n = 0; n < text.Length; n++)
        {
            var c = text[n];
            var step = c < 128 ? _step[c] : StepBeyondAscii(c);
            var stay = _stay[c == '/' ? 1 : 0];
            var pair = char.IsHighSurrogate(c) && n + 1 < text.Length && char.IsLowSurrogate(text[n + 1]);
            ulong carry = 0, alive = 0;
            for (var w = 0; w < _words; w++)
            {
                var moved = state[w] & step[w];
                next[w] = (moved << 1) | carry | (state[w] & stay[w]);
                carry = moved >> 63;
            }
            // "?" on a whole character: past both of its states, unless this was the first half of a pair.
            if (!pair)
                Skip(next, char.IsLowSurrogate(c) && n > 0 && char.IsHighSurrogate(text[n - 1]));
            Close(next);
            for (var w = 0; w < _words; w++)
                alive |= next[w];
            if (alive == 0)
                return false;
            var swap = state;
            state = next;
            next = swap;
        }
        return (state[_final / 64] >> (_final % 64) & 1) != 0;
    }

    // After a whole character, states inside a "?" go on; after the second half of a pair they have been moved on by the step itself.
    private void Skip(Span<ulong> states, bool secondHalf)
    {
        if (secondHalf)
            return;
        ulong carry = 0;
        for (var w = 0; w < _words; w++)
        {
            var inside = states[w] & _lowSurrogate[w];
            states[w] = (states[w] & ~inside) | (inside << 1) | carry;
            carry = inside >> 63;
        }
    }

    // Fork leads to its loop (+1) and past it (+2), where a run may begin; a run leads past itself. Neither leads to its own kind.
    private void Close(Span<ulong> states)
    {
        ulong carry = 0;
        for (var w = 0; w < _words; w++)
        {
            var fork = states[w] & _fork[w];
            states[w] |= (fork << 1) | (fork << 2) | carry;
            carry = (fork >> 63) | (fork >> 62);
        }
        carry = 0;
        for (var w = 0; w < _words; w++)
        {
            var run = states[w] & _empty[w];
            states[w] |= (run << 1) | carry;
            carry = run >> 63;
        }
    }

    private ulong[] StepBeyondAscii(char c) =>
        _others is null || _named.Contains(Fold(c)) ? StepOf(c) : _others[char.IsLowSurrogate(c) ? 1 : 0];

    private ulong[] StepOf(char c)
    {
        var folded = Fold(c);
        return Where((i, t) => t.Kind switch
        {
            GlobTokenKind.Literal => Fold(t.Low) == folded,
            GlobTokenKind.One => c != '/' && TakesHalf(i, c),
            GlobTokenKind.OneOfAll => TakesHalf(i, c),
            GlobTokenKind.Class => (t.Fits(c) || (_ignoreCase && (t.Fits(folded) || t.Fits(char.ToLowerInvariant(c))))) && TakesHalf(i, c),
            GlobTokenKind.Folders => c == '/' && !IsFirst(i),
            _ => false,
        });
    }

    // The second state of a one-character piece takes only the second half of a surrogate pair.
    private bool TakesHalf(int state, char c) => IsFirst(state) || char.IsLowSurrogate(c);

    private char Fold(char c) => _ignoreCase ? char.ToUpperInvariant(c) : c;

    private static bool IsRun(GlobToken t) => t.Kind is GlobTokenKind.Any or GlobTokenKind.AnyOfSegment;

    private static bool IsOne(GlobToken t) => t.Kind is GlobTokenKind.One or GlobTokenKind.OneOfAll or GlobTokenKind.Class;

    private bool IsLoop(int state, GlobToken t) => t.Kind == GlobTokenKind.Folders && !IsFirst(state);

    private bool IsFirst(int state) => state == 0 || !ReferenceEquals(_states[state - 1].Token, _states[state].Token);

    private ulong[] Where(Func<int, GlobToken, bool> holds)
    {
        var bits = new ulong[_words];
        foreach (var (state, token) in _states)
        {
            if (holds(state, token))
                bits[state / 64] |= 1UL << (state % 64);
        }
        return bits;
    }
}
