using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace FtpActors.Actors.Actions;

/// <summary>The server said no, or not what was expected. <see cref="Retryable"/> for 4xx (RFC 5321, 4.2.1).</summary>
internal sealed class SmtpRefusedException(int code, string message) : Exception(message)
{
    public int Code => code;

    public bool Retryable => code < 500;
}

/// <summary>
/// The little of RFC 5321 that sending one mail needs, with STARTTLS (RFC 3207), TLS from the start (RFC 8314) and AUTH PLAIN and LOGIN
/// (RFC 4954). One command at a time; what a server says before TLS is forgotten after it.
/// </summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private const int LongestReply = 16384;

    private readonly TcpClient _tcp = new();
    private readonly byte[] _buffer = new byte[4096];
    private Stream _stream = Stream.Null;
    private int _start;
    private int _end;
    private List<string> _offers = [];

    private SmtpConnection()
    {
    }

    /// <summary>Connects, makes the connection safe as asked, and logs in when there is a login.</summary>
    public static async Task<SmtpConnection> OpenAsync(MailOptions options, string? password, CancellationToken cancel)
    {
        var connection = new SmtpConnection();
        try
        {
            await connection._tcp.ConnectAsync(options.Host, options.Port, cancel).ConfigureAwait(false);
            connection._stream = connection._tcp.GetStream();
            if (options.Security == MailSecurity.Tls)
                await connection.SecureAsync(options, cancel).ConfigureAwait(false);
            await connection.ExpectAsync(220, "greeting", cancel).ConfigureAwait(false);
            await connection.HelloAsync(options, cancel).ConfigureAwait(false);
            if (options.Security == MailSecurity.StartTls)
                await connection.StartTlsAsync(options, cancel).ConfigureAwait(false);
            if (options.User is { } user)
                await connection.LogInAsync(options, user, password ?? "", cancel).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Hands a message to the server for all recipients or, when it refuses one of them, for none.</summary>
    /// <param name="from">Address of the sender, checked.</param>
    /// <param name="recipients">Addresses, checked.</param>
    /// <param name="message">Lines of at most 998 bytes ended by CRLF, none of them beginning with a dot.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The server's last word.</returns>
    public async Task<string> SendAsync(string from, IEnumerable<string> recipients, string message, CancellationToken cancel)
    {
        await CommandAsync($"MAIL FROM:<{from}>", 250, cancel).ConfigureAwait(false);
        foreach (var recipient in recipients)
            await CommandAsync($"RCPT TO:<{recipient}>", 250, cancel).ConfigureAwait(false);
        await CommandAsync("DATA", 354, cancel).ConfigureAwait(false);
        await WriteAsync(message + ".\r\n", cancel).ConfigureAwait(false);
        return await ExpectAsync(250, "message", cancel).ConfigureAwait(false);
    }

    /// <summary>Says good-bye; the mail is safe already, so the answer does not matter.</summary>
    public Task QuitAsync(CancellationToken cancel) => WriteAsync("QUIT\r\n", cancel);

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        _tcp.Dispose();
    }

    private async Task HelloAsync(MailOptions options, CancellationToken cancel) =>
        _offers = [.. (await CommandAsync($"EHLO {options.HelloName}", 250, cancel).ConfigureAwait(false)).Split('\n').Skip(1)];

    private async Task StartTlsAsync(MailOptions options, CancellationToken cancel)
    {
        if (!_offers.Contains("STARTTLS", StringComparer.OrdinalIgnoreCase))
            throw new SmtpRefusedException(454, "the server does not offer STARTTLS; set mail.security to tls or none if that is right");
        await CommandAsync("STARTTLS", 220, cancel).ConfigureAwait(false);
        // Bytes that came before TLS could be anybody's.
        if (_start < _end)
            throw new SmtpRefusedException(454, "the server sent something between STARTTLS and TLS");
        await SecureAsync(options, cancel).ConfigureAwait(false);
        await HelloAsync(options, cancel).ConfigureAwait(false);
    }

    private async Task SecureAsync(MailOptions options, CancellationToken cancel)
    {
        var tls = new SslStream(_stream);
        _stream = tls;
        var settings = new SslClientAuthenticationOptions { TargetHost = options.Host };
        if (options.CaFile is { } file)
        {
            settings.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            settings.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }
        await tls.AuthenticateAsClientAsync(settings, cancel).ConfigureAwait(false);
    }

    private async Task LogInAsync(MailOptions options, string user, string password, CancellationToken cancel)
    {
        if (options.Security == MailSecurity.None)
            throw new SmtpRefusedException(538, "a password is not sent without TLS; set mail.security to starttls or tls");
        var ways = _offers.Where(o => o.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase)).SelectMany(o => o.ToUpperInvariant().Split(' ')).ToHashSet();
        if (ways.Contains("PLAIN"))
        {
            await CommandAsync($"AUTH PLAIN {Base64($"\0{user}\0{password}")}", 235, cancel, "AUTH PLAIN").ConfigureAwait(false);
        }
        else if (ways.Contains("LOGIN"))
        {
            await CommandAsync("AUTH LOGIN", 334, cancel).ConfigureAwait(false);
            await CommandAsync(Base64(user), 334, cancel, "AUTH LOGIN user").ConfigureAwait(false);
            await CommandAsync(Base64(password), 235, cancel, "AUTH LOGIN password").ConfigureAwait(false);
        }
        else
        {
            throw new SmtpRefusedException(504, "the server offers neither AUTH PLAIN nor AUTH LOGIN");
        }
    }

    private async Task<string> CommandAsync(string line, int expected, CancellationToken cancel, string? shown = null)
    {
        await WriteAsync(line + "\r\n", cancel).ConfigureAwait(false);
        return await ExpectAsync(expected, shown ?? line, cancel).ConfigureAwait(false);
    }

    private async Task WriteAsync(string text, CancellationToken cancel)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancel).ConfigureAwait(false);
        await _stream.FlushAsync(cancel).ConfigureAwait(false);
    }

    // A reply is lines of "code-text" and a last one of "code text"; the texts are returned, a line feed between them.
    private async Task<string> ExpectAsync(int expected, string to, CancellationToken cancel)
    {
        var texts = new List<string>();
        var length = 0;
        while (true)
        {
            var line = await ReadLineAsync(cancel).ConfigureAwait(false);
            length += line.Length;
            if (length > LongestReply || line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), out var code))
                throw new SmtpRefusedException(421, $"{to}: this is not an SMTP reply: {line}");
            texts.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length > 3 && line[3] == '-')
                continue;
            // 251 is as good as 250: the server forwards.
            return code == expected || (expected == 250 && code == 251)
                ? string.Join('\n', texts)
                : throw new SmtpRefusedException(code is >= 400 and < 600 ? code : 421, $"{to}: {code} {string.Join(' ', texts)}");
        }
    }

    private async Task<string> ReadLineAsync(CancellationToken cancel)
    {
        var line = new StringBuilder();
        while (line.Length < LongestReply)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = await _stream.ReadAsync(_buffer, cancel).ConfigureAwait(false);
                if (_end == 0)
                    throw new IOException("the server closed the connection");
            }
            var c = (char)_buffer[_start++];
            if (c == '\n')
                break;
            if (c != '\r')
                line.Append(c is >= ' ' and <= '~' ? c : '?');
        }
        return line.ToString();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
