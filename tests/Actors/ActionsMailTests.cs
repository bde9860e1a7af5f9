using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Tests;

/// <summary>Against Debian's python3-aiosmtpd.</summary>
public sealed class ActionsMailTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-mail-").FullName;
    private Process? _server;

    public void Dispose()
    {
        _server?.Kill();
        _server?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(MailSecurity.None)]
    [InlineData(MailSecurity.StartTls)]
    [InlineData(MailSecurity.Tls)]
    public async Task A_mail_arrives_whole_by_every_way(MailSecurity security)
    {
        var options = await StartAsync(security);
        var action = Mail("{{user_info.email}}", "Grüße {{path}}", "{{user}}:\n.\n{{bytes}} ż");
        var outcome = await Run(options, action, "/in/a\r\nBcc: evil@example.org\r\n\r\n.\r\n");
        Assert.True(outcome.Succeeded, outcome.Summary);

        var mail = JsonDocument.Parse((await _server!.StandardOutput.ReadLineAsync())!).RootElement;
        Assert.Equal(security != MailSecurity.None, mail.GetProperty("tls").GetBoolean());
        Assert.Equal(security != MailSecurity.None, mail.GetProperty("login").GetBoolean());
        Assert.Equal("bob@example.org", Assert.Single(mail.GetProperty("to").EnumerateArray()).GetString());
        var parts = mail.GetProperty("text").GetString()!.Split("\r\n\r\n");
        Assert.Equal(2, parts.Length);
        Assert.DoesNotContain("\nBcc", parts[0], StringComparison.Ordinal);
        Assert.Contains("Message-ID: <key-1@node.example.org>", parts[0], StringComparison.OrdinalIgnoreCase);
        Assert.Equal("bob:\r\n.\r\n5 ż", Encoding.UTF8.GetString(Convert.FromBase64String(parts[1])));
    }

    [Fact]
    public async Task Names_lists_and_international_domains_reach_all_of_them()
    {
        var options = await StartAsync(MailSecurity.None);
        var file = RuleFile.Parse(
            """
            [ { "name": "mail", "on": ["upload"], "actions": [ { "mail": { "to": "Jürgen Müller <jm@example.org>, second@example.org", "cc": "jürgen@exämple.org",
                "from": "\"Wächter, FTP\" <ftp@exämple.org>", "subject": "{{path}}", "body": "x" } } ] } ]
            """, "mail.conf");
        Assert.Empty(file.Problems);
        var outcome = await Run(options, (MailAction)file.Rules!.Rules[0].Actions[0], "/x");
        Assert.True(outcome.Succeeded, outcome.Summary);
        var mail = JsonDocument.Parse((await _server!.StandardOutput.ReadLineAsync())!).RootElement;
        Assert.Equal(["jm@example.org", "second@example.org", "jürgen@exämple.org"], mail.GetProperty("to").EnumerateArray().Select(a => a.GetString()));
        // A domain alone needs no UTF-8 of the server.
        await Run(options, Mail("anna@exämple.org", "s", "b"), "/x");
        Assert.Contains("anna@xn--exmple-cua.org", await _server.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jürgen@example.org", null)]
    [InlineData("anna@example.org", "jürgen@example.org")]
    public async Task Letters_beyond_ASCII_are_a_final_failure_where_the_server_takes_none(string to, string? replyTo)
    {
        var options = await StartAsync(MailSecurity.None, "ascii");
        var action = Mail(to, "s", "b") with { ReplyTo = replyTo is null ? null : Template.Compile(replyTo) };
        var outcome = await Run(options, action, "/x");
        Assert.True(outcome is { Succeeded: false, Retryable: false }, outcome.Summary);
        Assert.Contains("no SMTPUTF8", outcome.Summary, StringComparison.Ordinal);
        var domain = await Run(options, Mail("anna@exämple.org", "s", "b"), "/x");
        Assert.True(domain.Succeeded, domain.Summary);
    }

    [Theory]
    [InlineData("a@x..org")]
    [InlineData("a@ä..org")]
    [InlineData("a@-x.org")]
    [InlineData("a@äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää.org")]
    [InlineData("a@x\u00A0y.org")]
    [InlineData("a\u2028b@x.org")]
    public void What_no_server_can_be_asked_for_is_no_address(string text) => Assert.False(MailAddresses.IsOne(text));

    [Fact]
    public void A_problem_stays_one_line_whatever_the_text()
    {
        var file = RuleFile.Parse("""[ { "name": "m", "on": ["upload"], "actions": [ { "mail": { "to": "größer\n\u001b[2J", "subject": "s", "body": "b" } } ] } ]""", "mail.conf");
        Assert.Contains("\"größer\\u000a\\u001b[2J\"", Assert.Single(file.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x{{user_info.email}} <fixed@x.org>", "evil@x.org> (")]
    [InlineData("x{{user_info.email}} <fixed@x.org>", "<evil@x.org>,")]
    [InlineData("{{user_info.email}}@x.org", "evil@y.org,a")]
    public async Task A_value_beside_an_address_adds_no_recipient(string to, string value)
    {
        var outcome = await Run(new MailOptions { Host = "localhost", Port = 1, From = "ftp@example.org" }, Mail(to, "s", "b"), "/x", value);
        Assert.Contains("not one mail address", outcome.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("to", "anna")]
    [InlineData("cc", "a@x.org, b")]
    [InlineData("from", "a@x.org, b@x.org")]
    [InlineData("reply_to", "a b@x.org")]
    public void The_check_names_a_text_that_is_no_address(string key, string text)
    {
        var to = key == "to" ? "" : "\"to\": \"a@x.org\",";
        var file = RuleFile.Parse($$"""[ { "name": "m", "on": ["upload"], "actions": [ { "mail": { {{to}} "{{key}}": "{{text}}", "subject": "s", "body": "b" } } ] } ]""", "mail.conf");
        var problem = Assert.Single(file.Problems).ToString();
        Assert.Contains($"mail.{key}", problem, StringComparison.Ordinal);
        Assert.Contains("is not a mail address", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("busy@example.org", 450, true)]
    [InlineData("unknown@example.org", 550, false)]
    public async Task The_servers_refusal_decides_and_nobody_gets_a_mail(string to, int code, bool retryable)
    {
        var options = await StartAsync(MailSecurity.None);
        var action = Mail("bob@example.org", "s", "b") with { Cc = [Template.Compile(to)] };
        var outcome = await Run(options, action, "/x");
        Assert.Equal((false, retryable, code), (outcome.Succeeded, outcome.Retryable, outcome.Code));
        await Run(options, Mail("later@example.org", "s", "b"), "/x");
        Assert.Contains("later@", await _server!.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_or_certificate_is_told()
    {
        var options = await StartAsync(MailSecurity.StartTls);
        await File.WriteAllTextAsync(options.PasswordFile!, "wrong");
        var password = await Run(options, Mail("bob@example.org", "s", "b"), "/x");
        Assert.Equal(535, password.Code);
        Assert.DoesNotContain("d3Jvbmc", password.Summary, StringComparison.Ordinal);
        var stranger = await Run(options with { CaFile = null }, Mail("bob@example.org", "s", "b"), "/x");
        Assert.True(stranger is { Succeeded: false, Retryable: true, Code: null }, stranger.Summary);
        var plain = await Run(options with { Security = MailSecurity.None }, Mail("bob@example.org", "s", "b"), "/x");
        Assert.Contains("not sent without TLS", plain.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a@x.org,b@x.org")]
    [InlineData("a@x.org\r\nRCPT TO:<b@x.org>")]
    [InlineData("\"a b\"@x.org")]
    [InlineData("evil@x.org> (")]
    [InlineData("<evil@x.org>, b")]
    [InlineData("")]
    public async Task A_value_that_is_not_one_address_is_refused_before_any_talk(string email)
    {
        var options = new MailOptions { Host = "localhost", Port = 1, From = "ftp@example.org" };
        var outcome = await Run(options, Mail("{{user_info.email}}", "s", "b"), "/x", email);
        Assert.Contains("not one mail address", outcome.Summary, StringComparison.Ordinal);
        Assert.False(outcome.Retryable);
    }

    [Fact]
    public async Task Without_a_server_it_is_tried_again()
    {
        var outcome = await Run(new MailOptions { Host = "localhost", Port = 1, From = "ftp@example.org" }, Mail("a@x.org", "s", "b"), "/x");
        Assert.True(outcome is { Succeeded: false, Retryable: true }, outcome.Summary);
    }

    private static MailAction Mail(string to, string subject, string body) => new(
        [Template.Compile(to)], [], null, null, Template.Compile(subject), Template.Compile(body), null, TimeSpan.FromSeconds(20));

    private static async Task<ActionOutcome> Run(MailOptions options, MailAction action, string path, string email = "bob@example.org") =>
        await new MailRunner(options, TimeProvider.System).RunAsync(
            new ActionContext(action, "rule", "key-1", 1, ActionsFacts.Upload(path), false, new Dictionary<string, object?> { ["email"] = email }), CancellationToken.None);

    private async Task<MailOptions> StartAsync(MailSecurity security, params string[] more)
    {
        // As a house of its own has it: a root, one below it, and the server's; the server sends the last two.
        using RSA rootKey = RSA.Create(2048), middleKey = RSA.Create(2048), key = RSA.Create(2048);
        using var root = Request("CN=root", rootKey, isAuthority: true).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var middle = Issue(Request("CN=middle", middleKey, isAuthority: true), root, 1).CopyWithPrivateKey(middleKey);
        using var certificate = Issue(Request("CN=localhost", key, isAuthority: false), middle, 2);
        string certificateFile = Path.Combine(_folder, "cert.pem"), keyFile = Path.Combine(_folder, "key.pem"), rootFile = Path.Combine(_folder, "root.pem"), passwordFile = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem() + "\n" + middle.ExportCertificatePem());
        await File.WriteAllTextAsync(rootFile, root.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(passwordFile, "pässword\n");

        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "smtp_server.py"), security.ToString().ToLowerInvariant(), certificateFile, keyFile, .. more];
        _server = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var port = int.Parse((await _server.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        var options = new MailOptions { Host = "localhost", Port = port, Security = security, CaFile = rootFile, From = "ftp@example.org", HelloName = "node.example.org" };
        return security == MailSecurity.None ? options : options with { User = "bob", PasswordFile = passwordFile };
    }

    private static X509Certificate2 Issue(CertificateRequest request, X509Certificate2 issuer, byte serial) =>
        request.Create(issuer, issuer.NotBefore, issuer.NotAfter, [serial]);

    private static CertificateRequest Request(string subject, RSA key, bool isAuthority)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        if (!isAuthority)
            request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
