using System.Net.Sockets;
using System.Security.Cryptography;
using FtpActors.Actors.Rules;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace FtpActors.Actors.Actions;

/// <summary>
/// Sends mails. Refusals of the server with 4xx and everything between us and it are worth another try, 5xx are not. A mail with several
/// recipients is sent to all or to none, so that a retry sends nobody a second one.
/// </summary>
public sealed class MailRunner(MailOptions? options, TimeProvider time) : IActionRunner
{
    private readonly BodyFiles _bodies = new();

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        if (options is null)
            return ActionOutcome.Later("there is no mail server in the configuration; set mail.host and mail.from");

        var action = (MailAction)context.Action;
        using var timeout = new CancellationTokenSource(action.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        var server = $"{options.Host}:{options.Port}";
        try
        {
            var message = await ComposeAsync(action, context.TemplateValues(), either.Token).ConfigureAwait(false);
            var password = await Secret.ReadAsync(options.PasswordFile, options.PasswordVariable, either.Token).ConfigureAwait(false);
            using var connection = new MailServer(options, password);
            var text = message.Write(context.DeliveryKey, options.HelloName, time.GetUtcNow());
            var reply = await connection.SendAsync(message, text, either.Token).ConfigureAwait(false);
            await QuitAsync(connection, either.Token).ConfigureAwait(false);
            return new ActionOutcome(true, Retryable: false, 250, $"taken by {server} for {string.Join(", ", message.Recipients.Select(r => r.Address))}", reply);
        }
        catch (SmtpCommandException e)
        {
            return Refused(server, e, e.Mailbox?.Address);
        }
        catch (AuthenticationException e) when (e.InnerException is SmtpCommandException refusal)
        {
            return Refused(server, refusal, "login");
        }
        catch (FormatException e)
        {
            return ActionOutcome.Never(e.Message);
        }
        catch (SecretException e)
        {
            return ActionOutcome.Later(e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ActionOutcome.Later($"{server}: not done within {action.Timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is SocketException or IOException or TimeoutException or ProtocolException or AuthenticationException or SslHandshakeException
            or NotSupportedException or CryptographicException or UnauthorizedAccessException)
        {
            // MailKit explains a failed handshake at length; the cause says it in a line.
            return ActionOutcome.Later($"{server}: {(e is SslHandshakeException { InnerException: { } cause } ? cause : e).Message}");
        }
    }

    private static ActionOutcome Refused(string server, SmtpCommandException e, string? what)
    {
        var code = (int)e.StatusCode;
        return new ActionOutcome(false, Retryable: code < 500, code, $"{server}: {(what is null ? "" : $"{what}: ")}{code} {OneLine(e.Message)}");
    }

    // A reply may have several lines, and whatever else the server put there.
    private static string OneLine(string reply) => string.Concat(reply.Select(c => char.IsControl(c) ? ' ' : c));

    // The server has taken the mail: whatever happens to the good-bye, sending it again would be wrong.
    private static async Task QuitAsync(MailServer connection, CancellationToken cancel)
    {
        try
        {
            await connection.QuitAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or ProtocolException or OperationCanceledException)
        {
            return;
        }
    }

    private async Task<MailMessage> ComposeAsync(MailAction action, IReadOnlyDictionary<string, object?> values, CancellationToken cancel)
    {
        var from = Address(action.From?.Render(values) ?? options!.From, "from", action.From);
        var replyTo = action.ReplyTo is null ? null : Address(action.ReplyTo.Render(values), "reply_to", action.ReplyTo);
        var to = action.To.Select(t => Address(t.Render(values), "to", t)).ToList();
        var cc = action.Cc.Select(t => Address(t.Render(values), "cc", t)).ToList();
        var body = action.Body ?? await _bodies.ReadAsync(action.BodyFile!, cancel).ConfigureAwait(false);
        return new MailMessage(from, to, cc, replyTo, action.Subject.Render(values), body.Render(values), BodyFiles.IsHtml(action.BodyFile));
    }

    private static MailboxAddress Address(string text, string key, Template? template) => MailAddresses.TryRead(text, out var address)
        ? address
        : throw new FormatException($"mail.{key} \"{template?.Text}\" gives \"{text}\", which is not one mail address");
}
