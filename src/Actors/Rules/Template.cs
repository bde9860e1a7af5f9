using System.Text;
using FtpActors.Protocol;
using HandlebarsDotNet;

namespace FtpActors.Actors.Rules;

/// <summary>
/// A text of a rule with <c>{{names}}</c>, compiled once. Values come in the form of <see cref="ReversibleText"/>; a text can be had as text
/// or, for programs, as exact bytes.
/// <para>
/// The rule's own backslashes are what they look like: they neither escape a mustache nor join with a value to an escape. While a
/// template is rendered they are a lone surrogate, which neither a rule nor a value can contain.
/// </para>
/// </summary>
public sealed class Template
{
    private const char OwnBackslash = '\uDC00';

    private static readonly IHandlebars Plain = Handlebars.Create(new HandlebarsConfiguration { NoEscape = true });
    private static readonly IHandlebars Html = Handlebars.Create();

    private readonly HandlebarsTemplate<object, object>? _render;
    private readonly string _marked;

    private Template(string text, bool html)
    {
        Text = text;
        _marked = text.Replace('\\', OwnBackslash);
        if (text.Contains("{{", StringComparison.Ordinal))
            _render = (html ? Html : Plain).Compile(_marked);
    }

    /// <summary>The template as written.</summary>
    public string Text { get; }

    /// <summary>Compiles a template after checking every name in it.</summary>
    /// <param name="text">The template.</param>
    /// <param name="html">Whether values are escaped for HTML.</param>
    /// <param name="userFields">Fields of the user directory, null when they are not known (then any is taken).</param>
    /// <exception cref="FormatException">Something cannot work; the message says what, with the nearest name that exists.</exception>
    public static Template Compile(string text, bool html = false, IReadOnlyCollection<string>? userFields = null)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                throw new FormatException($"character {i + 1} is half of a surrogate pair");
        }
        if (TemplateNames.Problem(text, userFields) is { } problem)
            throw new FormatException(problem);
        try
        {
            return new Template(text, html);
        }
        catch (HandlebarsException e)
        {
            throw new FormatException($"the template cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The template filled in, as text.</summary>
    public string Render(IReadOnlyDictionary<string, object?> values) => string.Join('\\', Parts(Fill(values)));

    /// <summary>The template filled in, as the exact bytes that the values stand for.</summary>
    public byte[] RenderBytes(IReadOnlyDictionary<string, object?> values)
    {
        if (_render is null)
            return Encoding.UTF8.GetBytes(Text);

        var parts = Parts(Fill(values));
        return parts.Count == 1 ? ReversibleText.ToBytes(parts[0]) : Join(parts);
    }

    private string Fill(IReadOnlyDictionary<string, object?> values) => _render is null ? _marked : _render(values);

    // A lone low surrogate only: the same unit after a high surrogate is the second half of a value's own character.
    private static List<string> Parts(string filled)
    {
        var parts = new List<string>();
        var start = 0;
        for (var i = 0; i < filled.Length; i++)
        {
            if (filled[i] != OwnBackslash || (i > 0 && char.IsHighSurrogate(filled[i - 1])))
                continue;
            parts.Add(filled[start..i]);
            start = i + 1;
        }
        parts.Add(filled[start..]);
        return parts;
    }

    private static byte[] Join(List<string> parts)
    {
        var bytes = new List<byte>(ReversibleText.ToBytes(parts[0]));
        foreach (var part in parts.Skip(1))
        {
            bytes.Add((byte)'\\');
            bytes.AddRange(ReversibleText.ToBytes(part));
        }
        return [.. bytes];
    }
}
