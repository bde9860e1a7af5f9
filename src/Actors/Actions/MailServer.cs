using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace FtpActors.Actors.Actions;

/// <summary>One talk with the mail server, by MailKit: connect, make it safe as asked, log in when there is a login, send, part.</summary>
internal sealed class MailServer(MailOptions options, string? password) : IDisposable
{
    private readonly SmtpClient _client = new() { LocalDomain = options.HelloName, CheckCertificateRevocation = false };

    /// <summary>Hands a message to the server for all recipients or, when it refuses one of them, for none.</summary>
    /// <returns>The server's last word.</returns>
    /// <exception cref="FormatException">The server cannot take such an address, or the login, however often it is tried.</exception>
    public async Task<string> SendAsync(MailMessage message, MimeMessage text, CancellationToken cancel)
    {
        if (options.User is not null && options.Security == MailSecurity.None)
            throw new FormatException("a password is not sent without TLS; set mail.tls to starttls or tls");
        if (options.CaFile is { } file)
            TrustOnly(file);
        await _client.ConnectAsync(options.Host, options.Port, options.Security switch
        {
            MailSecurity.None => SecureSocketOptions.None,
            MailSecurity.StartTls => SecureSocketOptions.StartTls,
            _ => SecureSocketOptions.SslOnConnect,
        }, cancel).ConfigureAwait(false);
        if (options.User is { } user)
        {
            if (!_client.Capabilities.HasFlag(SmtpCapabilities.Authentication))
                throw new FormatException("the server offers no login; take mail.user out, or ask for the port that does");
            await LogInAsync(user, cancel).ConfigureAwait(false);
        }
        if (message.NeedsUtf8 && !_client.Capabilities.HasFlag(SmtpCapabilities.UTF8))
            throw new FormatException("an address has letters beyond ASCII before its @, and the server does not take those (no SMTPUTF8)");
        var format = FormatOptions.Default.Clone();
        format.International = message.NeedsUtf8;
        return await _client.SendAsync(format, text, message.From, message.Recipients, cancel).ConfigureAwait(false);
    }

    private async Task LogInAsync(string user, CancellationToken cancel)
    {
        try
        {
            await _client.AuthenticateAsync(user, password ?? "", cancel).ConfigureAwait(false);
        }
        catch (NotSupportedException)
        {
            throw new FormatException($"the server offers no login with a password, only {string.Join(", ", _client.AuthenticationMechanisms.Order(StringComparer.Ordinal))}");
        }
    }

    /// <summary>Says good-bye.</summary>
    public Task QuitAsync(CancellationToken cancel) => _client.DisconnectAsync(quit: true, cancel);

    public void Dispose() => _client.Dispose();

    private void TrustOnly(string file)
    {
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(file);
        _client.ServerCertificateValidationCallback = (_, certificate, sent, errors) =>
        {
            if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
                return false;
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.CustomTrustStore.AddRange(roots);
            // Between the server's certificate and the root there may be others, which the server sends along.
            if (sent is not null)
                chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
            // A certificate for clients, of the same root, makes nobody a server.
            chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
            using var own = new X509Certificate2(certificate);
            return chain.Build(own);
        };
    }
}
