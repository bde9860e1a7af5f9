using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MimeKit;
using MimeKit.Text;

namespace FtpActors.Actors.Actions;

/// <summary>
/// What a mail says. Nothing that a stranger chose can add a header, a recipient or a line: addresses were checked (<see cref="MailAddresses"/>), the subject
/// loses its control characters, the body is base64.
/// </summary>
internal sealed partial record MailMessage(
    MailboxAddress From, IReadOnlyList<MailboxAddress> To, IReadOnlyList<MailboxAddress> Cc, MailboxAddress? ReplyTo, string Subject, string Body, bool IsHtml)
{
    public IEnumerable<MailboxAddress> Recipients => To.Concat(Cc);

    /// <summary>Whether it can only go to a server that takes UTF-8 in addresses (RFC 6531). A domain alone does not need it: it is written in ASCII.</summary>
    public bool NeedsUtf8 => Recipients.Append(From).Append(ReplyTo ?? From).Any(a => !Ascii.IsValid(a.LocalPart));

    /// <summary>The message as MIME.</summary>
    /// <param name="key">The idempotency key; the Message-ID is made of it, so that a mail sent twice can be known as one.</param>
    /// <param name="hostName">Right side of the Message-ID.</param>
    /// <param name="now">Date of the mail.</param>
    public MimeMessage Write(string key, string hostName, DateTimeOffset now)
    {
        var text = new TextPart(IsHtml ? TextFormat.Html : TextFormat.Plain) { ContentTransferEncoding = ContentEncoding.Base64 };
        text.SetText(Encoding.UTF8, Body.ReplaceLineEndings("\r\n"));
        var message = new MimeMessage([From], To, string.Concat(Subject.Select(c => char.IsControl(c) ? ' ' : c)), text)
        {
            Date = now.ToUniversalTime(), MessageId = $"{IdOf(key)}@{(HostForm().IsMatch(hostName) ? hostName : "localhost")}",
        };
        message.Cc.AddRange(Cc);
        if (ReplyTo is not null)
            message.ReplyTo.Add(ReplyTo);
        // RFC 3834: tells vacation programs not to answer.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static string IdOf(string key) =>
        IdForm().IsMatch(key) ? key : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex IdForm();

    [GeneratedRegex(@"^[A-Za-z0-9.-]{1,253}\z")]
    private static partial Regex HostForm();
}
