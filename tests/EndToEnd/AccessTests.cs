using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Who may ask a node, with its real process, certificates and commands.</summary>
public sealed class AccessTests : IDisposable
{
    private const string Demanded = """ "api": { "tokens_on_loopback": true }, """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_token_nothing_is_told_a_reader_reads_and_an_operator_writes()
    {
        await using var node = new TestNode(more: Demanded);
        await node.StartAsync();
        var (reader, operatorToken) = (await node.NewTokenAsync("rita", "reader"), await node.NewTokenAsync("otto", "operator"));

        foreach (var path in new[] { "/api/v1/status", "/api/v1/who", "/api/v1/nothing", "/nothing" })
            Assert.Equal(HttpStatusCode.Unauthorized, await node.AskAsync(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.Unauthorized, await node.AskAsync(HttpMethod.Get, "/api/v1/who", "ftpa_guessed"));
        Assert.Equal(HttpStatusCode.OK, await node.AskAsync(HttpMethod.Get, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, await node.AskAsync(HttpMethod.Get, "/api/v1/who", reader));
        Assert.Equal(HttpStatusCode.OK, await node.AskAsync(HttpMethod.Post, "/api/v1/rules/test", reader));
        Assert.Equal(HttpStatusCode.Forbidden, await node.AskAsync(HttpMethod.Post, "/api/v1/sources/queue/restarted", reader));
        Assert.Equal(HttpStatusCode.OK, await node.AskAsync(HttpMethod.Post, "/api/v1/sources/queue/restarted", operatorToken));

        await Until.TrueAsync("the audit lines are there", () => node.Process!.Errors.Contains("by otto from 127.0.0.1: 200", StringComparison.Ordinal));
        Assert.Contains("Audit: POST /api/v1/sources/queue/restarted by rita from 127.0.0.1: 403", node.Process!.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Audit: GET", node.Process.Errors, StringComparison.Ordinal);
        // Neither the file nor the log has a secret in it.
        Assert.DoesNotContain(operatorToken[5..], node.Process.Errors + await File.ReadAllTextAsync(Path.Combine(node.Data, "tokens.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_is_good_for_nothing_at_once_and_what_runs_for_it_ends()
    {
        await using var node = new TestNode(more: Demanded);
        await node.StartAsync();
        var token = await node.NewTokenAsync("rita", "reader");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{node.Url}/api/v1/events/stream") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        using var following = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, following.StatusCode);
        var ended = following.Content.ReadAsStringAsync();

        var (code, _, errors) = await Program.RunAsync("", "token", "revoke", "rita", "--config", node.Config);
        Assert.True(code == 0, errors);
        Assert.Equal(HttpStatusCode.Unauthorized, await node.AskAsync(HttpMethod.Get, "/api/v1/who", token));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => ended.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Commands_send_a_token_of_an_option_of_the_environment_or_of_a_file()
    {
        await using var node = new TestNode(more: Demanded);
        await node.StartAsync();
        var token = await node.NewTokenAsync("rita", "reader");
        var file = _folder["token"];
        await File.WriteAllTextAsync(file, token + "\n");

        var (code, _, errors) = await Program.RunAsync("", "who", "--node", node.Url);
        Assert.Equal(1, code);
        Assert.Contains("ftpactors token new", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await Program.RunAsync("", "who", "--node", node.Url, "--token", token)).Code);
        Assert.Equal(0, (await Program.RunAsync("", "who", "--node", node.Url, "--token", "@" + file)).Code);
        await using var environment = Program.StartAs(["env", $"FTPACTORS_TOKEN={token}"], "who", "--node", node.Url);
        Assert.Equal(0, await environment.ExitAsync());
        var (_, list, _) = await Program.RunAsync("", "token", "list", "--config", node.Config);
        Assert.Contains("rita", list, StringComparison.Ordinal);
        Assert.Equal(1, (await Program.RunAsync("", "token", "new", "rita", "--config", node.Config)).Code);
    }

    [Fact]
    public async Task A_certificate_that_is_renewed_is_shown_without_a_restart_and_a_bad_one_leaves_the_old_one()
    {
        var (certificate, key) = (_folder["api.pem"], _folder["api.key"]);
        var first = WriteCertificate(certificate, key);
        await using var node = new TestNode(more: $$""" "api": { "tls": { "certificate": "{{certificate}}", "key": "{{key}}" } }, """, scheme: "https");
        await node.StartAsync();
        Assert.Equal(first, await ShownAsync(node));
        Assert.Equal(0, (await Program.RunAsync("", "status", "--node", node.Url, "--ca", certificate)).Code);
        Assert.Equal(2, (await Program.RunAsync("", "status", "--node", node.Url)).Code);

        await File.WriteAllTextAsync(certificate, "no certificate");
        await Until.TrueAsync("it says so", () => node.Process!.Errors.Contains("was not re-read, the one in force stays", StringComparison.Ordinal));
        Assert.Equal(first, await ShownAsync(node));
        var second = WriteCertificate(certificate, key);
        await Until.TrueAsync("the new one is shown", async () => await ShownAsync(node) == second);
    }

    [Fact]
    public async Task Pages_of_other_sites_can_neither_read_nor_write()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, await node.AskAsync(HttpMethod.Post, "/api/v1/sources/queue/restarted", header: ("Origin", "https://example.org")));
        Assert.Equal(HttpStatusCode.Forbidden, await node.AskAsync(HttpMethod.Get, "/api/v1/who", header: ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await node.AskAsync(HttpMethod.Get, "/api/v1/who", header: ("Host", "example.org")));
        Assert.Equal(HttpStatusCode.OK, await node.AskAsync(HttpMethod.Get, "/api/v1/who", header: ("Sec-Fetch-Site", "same-origin")));
    }

    [Fact]
    public async Task More_requests_bytes_or_connections_than_the_limits_are_refused()
    {
        await using var node = new TestNode(more: """ "api": { "requests_per_second": 5, "connections": 10 }, """);
        await node.StartAsync();
        await Until.TrueAsync("some are refused", async () => await node.AskAsync(HttpMethod.Get, "/api/v1/who") == HttpStatusCode.TooManyRequests);
        await Until.TrueAsync("a later one is answered", async () => await node.AskAsync(HttpMethod.Get, "/api/v1/who") == HttpStatusCode.OK);

        await using var other = new TestNode(more: """ "api": { "connections": 10 }, """);
        await other.StartAsync();
        using var http = new HttpClient();
        // Else the connection would be cut while the body is still being sent.
        http.DefaultRequestHeaders.ExpectContinue = true;
        using var body = new ByteArrayContent(new byte[5 * 1024 * 1024]);
        using var large = await http.PostAsync(new Uri($"{other.Url}/api/v1/rules/test"), body);
        Assert.True(large.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest, $"{large.StatusCode}");
        var held = new List<TcpClient>();
        for (var i = 0; i < 12; i++)
            held.Add(await ConnectAsync(other));
        // The last ones are closed without an answer.
        await Until.TrueAsync("a connection too many is closed", () => held.Any(c => c.Client.Poll(0, SelectMode.SelectRead)));
        held.ForEach(c => c.Dispose());
    }

    private static string WriteCertificate(string certificate, string key)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=api", own, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(key, own.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificate, made.ExportCertificatePem());
        return made.Thumbprint;
    }

    private static async Task<string> ShownAsync(TestNode node)
    {
        using var client = await ConnectAsync(node);
        await using var tls = new SslStream(client.GetStream(), false, (_, shown, _, _) => shown is not null);
        await tls.AuthenticateAsClientAsync("127.0.0.1");
        return ((X509Certificate2)tls.RemoteCertificate!).Thumbprint;
    }

    private static async Task<TcpClient> ConnectAsync(TestNode node)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(node.Listen));
        return client;
    }
}
