using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace FtpActors.Actors.Actions;

/// <summary>
/// A mail as text (RFC 5322, MIME). Nothing that a stranger chose can add a header, a recipient or a line: addresses are checked against a narrow
/// form, the subject is one encoded line, the body is base64 (so no line is too long or begins with a dot).
/// </summary>
internal sealed partial record MailMessage(
    string From, IReadOnlyList<string> To, IReadOnlyList<string> Cc, string? ReplyTo, string Subject, string Body, bool IsHtml)
{
    /// <summary>Whether a text is one plain address: ASCII, at most 254 characters. Addresses with quotes or beyond ASCII are refused.</summary>
    public static bool IsAddress(string text) => text.Length <= 254 && AddressForm().IsMatch(text);

    /// <summary>The message, each line ended by CRLF.</summary>
    /// <param name="key">The idempotency key; the Message-ID is made of it, so that a mail sent twice can be known as one.</param>
    /// <param name="hostName">Right side of the Message-ID.</param>
    /// <param name="now">Date of the mail.</param>
    public string Write(string key, string hostName, DateTimeOffset now)
    {
        var text = new StringBuilder();
        Header("From", From);
        Header("To", string.Join(",\r\n ", To));
        if (Cc.Count > 0)
            Header("Cc", string.Join(",\r\n ", Cc));
        if (ReplyTo is not null)
            Header("Reply-To", ReplyTo);
        Header("Subject", Encoded(Subject));
        Header("Date", now.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        Header("Message-ID", $"<{IdOf(key)}@{(HostForm().IsMatch(hostName) ? hostName : "localhost")}>");
        // RFC 3834: tells vacation programs not to answer.
        Header("Auto-Submitted", "auto-generated");
        Header("MIME-Version", "1.0");
        Header("Content-Type", $"text/{(IsHtml ? "html" : "plain")}; charset=utf-8");
        Header("Content-Transfer-Encoding", "base64");
        text.Append("\r\n");
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes(Body.ReplaceLineEndings("\r\n")));
        for (var i = 0; i < body.Length; i += 76)
            text.Append(body.AsSpan(i, Math.Min(76, body.Length - i))).Append("\r\n");
        return text.ToString();

        void Header(string name, string value) => text.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    // RFC 2047: words of at most 75 characters, each of whole characters; 45 bytes become 60 characters of base64.
    private static string Encoded(string subject)
    {
        subject = string.Concat(subject.Select(c => char.IsControl(c) ? ' ' : c));
        if (subject.Length <= 60 && subject.All(c => c is >= ' ' and <= '~') && !subject.Contains("=?", StringComparison.Ordinal))
            return subject;
        var words = new List<string>();
        var bytes = new List<byte>();
        Span<byte> one = stackalloc byte[4];
        foreach (var rune in subject.EnumerateRunes())
        {
            var used = one[..rune.EncodeToUtf8(one)];
            if (bytes.Count + used.Length > 45)
                Flush();
            bytes.AddRange(used);
        }
        Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=");
            bytes.Clear();
        }
    }

    private static string IdOf(string key) =>
        IdForm().IsMatch(key) ? key : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    [GeneratedRegex(@"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex AddressForm();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"^[A-Za-z0-9.-]{1,253}\z")]
    private static partial Regex HostForm();
}
