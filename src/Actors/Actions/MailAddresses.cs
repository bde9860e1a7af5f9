using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using MimeKit;

namespace FtpActors.Actors.Actions;

/// <summary>
/// Mail addresses as people write them in a rule: <c>a@example.org</c> or <c>Name &lt;a@example.org&gt;</c>, several with commas between. The form is narrow on
/// purpose: values that strangers chose are filled in, and must neither add a recipient nor move one into a comment.
/// </summary>
public static partial class MailAddresses
{
    /// <summary>RFC 5321, 4.5.3.1.3: a path has 256 bytes with its brackets.</summary>
    private const int Longest = 254;

    /// <summary>Whether a text is one address, with or without a name; letters beyond ASCII are allowed in all parts.</summary>
    public static bool IsOne(string text) => TryRead(text, out _);

    /// <summary>Cuts a list at its commas, but not within quotes or <c>{{names}}</c>; of one address it is the address.</summary>
    public static IReadOnlyList<string> Split(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var parts = new List<string>();
        var (from, quoted, braces) = (0, false, 0);
        for (var i = 0; i < list.Length; i++)
        {
            quoted ^= list[i] == '"' && braces == 0;
            braces = Math.Max(0, braces + list[i] switch { '{' => 1, '}' => -1, _ => 0 });
            if (list[i] != ',' || quoted || braces > 0)
                continue;
            parts.Add(list[from..i].Trim());
            from = i + 1;
        }
        parts.Add(list[from..].Trim());
        return parts;
    }

    internal static bool TryRead(string text, out MailboxAddress address)
    {
        var match = Written().Match(text.Trim());
        var (name, plain) = (match.Groups["name"].Value.Trim(), match.Groups["address"].Value);
        var isGood = match.Success && Encoding.UTF8.GetByteCount(plain) <= Longest && Plain().IsMatch(plain) && IsText(text, plain)
            && IsDomain(plain[(plain.LastIndexOf('@') + 1)..]);
        address = isGood ? new MailboxAddress(name, plain) : new MailboxAddress("", "");
        return isGood;
    }

    // Half a surrogate pair cannot be sent, and a space that is not ASCII's is one for some readers.
    private static bool IsText(string text, string plain) =>
        !text.Trim().Any(char.IsControl) && !plain.Any(char.IsWhiteSpace) && !text.EnumerateRunes().Contains(Rune.ReplacementChar);

    // What cannot be written in ASCII is no domain; the mail library would send it as it stands, or throw.
    private static bool IsDomain(string domain)
    {
        try
        {
            return Labels().IsMatch(new IdnMapping().GetAscii(domain));
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\z")]
    private static partial Regex Labels();

    [GeneratedRegex("""^(?:(?:"(?<name>[^"\\<>]*)"|(?<name>[^"\\<>@,;:()]*))\s*<(?<address>[^<>]+)>|(?<address>[^<>]+))\z""")]
    private static partial Regex Written();

    // Atoms of RFC 5322 in the local part, with the letters beyond ASCII of RFC 6532, and the labels of a domain.
    [GeneratedRegex("""^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uFFFF-]+)*@[A-Za-z0-9\u0080-\uFFFF]([A-Za-z0-9.\u0080-\uFFFF-]*[A-Za-z0-9\u0080-\uFFFF])?\z""", RegexOptions.NonBacktracking)]
    private static partial Regex Plain();
}
