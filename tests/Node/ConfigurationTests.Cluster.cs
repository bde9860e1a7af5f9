using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Tests;

/// <summary>What many nodes, and an API beyond loopback, need in their configuration.</summary>
public sealed partial class ConfigurationTests
{
    [Theory]
    [InlineData("handler.conf", true)]
    [InlineData("ingest.conf", false)]
    public void The_shipped_files_of_a_cluster_are_valid(string file, bool hasDatabase)
    {
        var path = _scratch.Write(file, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", file)));
        var c = NodeConfiguration.Load(path, new Dictionary<string, string>());
        Assert.Equal(16, c.Journal.Shards);
        Assert.Equal(hasDatabase, c.ClusterOptions()!.Journal is not null);
        Assert.Equal(["127.0.0.1:9120"], c.Cluster!.Seeds);
    }

    [Fact]
    public void A_node_of_a_cluster_reads_where_the_others_are_and_where_the_journal_is()
    {
        var c = Load("""
            node { name = h1, roles = [handler], listen = "127.0.0.1:9110", data = var }
            journal { kind = postgres, connection = "Host=db;Password=s3cret", lease = 4s }
            cluster { listen = "127.0.0.1:0", seeds = ["127.0.0.1:0", "db.example.org:9120"] }
            """);
        Assert.Equal((16, true, "Host=db;Password=s3cret", TimeSpan.FromSeconds(4)), (c.Journal.Shards, c.Journal.IsShared, c.Journal.Connection, c.Journal.Lease));
        var cluster = c.ClusterOptions()!;
        Assert.Equal(("127.0.0.1", 0), (cluster.Listen.Host, cluster.Listen.Port));
        Assert.Equal(["127.0.0.1:0", "db.example.org:9120"], cluster.Seeds);
        Assert.Equal(["handler"], cluster.Roles);
        Assert.Null(cluster.Tls);

        var found = Load("node { roles = [ingest] }, journal { kind = postgres }, cluster { listen = \"127.0.0.1:9120\", bootstrap { method = dns, required = 3 } }").ClusterOptions()!.Bootstrap!;
        Assert.Equal((true, "127.0.0.1", 8558, 3, "ftpactors"), (found.IsDns, found.Listen.Host, found.Listen.Port, found.Required, found.Service));

        // An ingest node needs no database.
        c = Load("""
            node { roles = [ingest], name = ftp1 }, journal { kind = postgres, shards = 8 }
            cluster { seeds = ["10.0.0.1:9120"] }
            """);
        Assert.Null(c.ClusterOptions()!.Journal);
        Assert.Equal(("127.0.0.1", 9120, 8), (c.Cluster!.Listen.Host, c.Cluster.Listen.Port, c.Journal.Shards));
        Assert.Null(Load("{}").ClusterOptions());
    }

    [Theory]
    [InlineData("journal { kind = postgres, connection = \"Host=db;Password=s3cret\" }", "cluster", "seeds = [\"10.0.0.1:9120\"")]
    [InlineData("cluster { seeds = [\"127.0.0.1:9120\"] }", "journal.kind", "must be postgres")]
    [InlineData("node { roles = [handler] }, journal { kind = postgres }, cluster { seeds = [\"127.0.0.1:9120\"] }", "journal.connection", "role handler needs it")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { listen = \"127.0.0.1:9120\" }", "cluster.seeds", "at least one node")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { listen = \"10.0.0.1:9120\", seeds = [\"10.0.0.1:9120\"] }", "cluster.tls", "docker/make-secrets")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { seeds = [\"nowhere\"] }", "cluster.seeds", "HOST:PORT")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { bootstrap { } }", "cluster.bootstrap.contacts", "their cluster.bootstrap.listen")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { seeds = [\"127.0.0.1:9120\"], bootstrap { method = dns } }", "cluster.seeds", "leave out one of them")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { bootstrap { method = dns, service = \"a b\" } }", "cluster.bootstrap.service", "a name of DNS")]
    [InlineData("journal { kind = postgres, connection = a, shards = 8, servers = [ { shards = \"4-8\", connection = s3cret } ] }, cluster { seeds = [\"127.0.0.1:9120\"] }", "journal.servers.0.shards", "from 0 to 7")]
    [InlineData("journal { kind = postgres, connection = a, servers = [ { shards = \"4-8\", connection = s3cret }, { shards = \"8\", connection = b } ] }, cluster { seeds = [\"127.0.0.1:9120\"] }", "journal.servers.1.shards", "4-8. Each handler has one")]
    [InlineData("journal { kind = postgres, connection = a, servers = [ { shards = \"8-15\" } ] }, cluster { seeds = [\"127.0.0.1:9120\"] }", "journal.servers", "needs the connection of each")]
    [InlineData("journal { kind = postgres, connection = a, servers = \"Host=db2;Password=s3cret\" }, cluster { seeds = [\"127.0.0.1:9120\"] }", "journal.servers", "list of objects")]
    [InlineData("node { roles = [ingest] }, journal { kind = postgres }, cluster { listen = \"0.0.0.0:9120\", seeds = [\"10.0.0.1:9120\"] }", "cluster.listen", "the address at which the other nodes reach")]
    public void What_a_cluster_lacks_is_said_with_the_lines_to_write(string file, string key, string remedy)
    {
        var e = Assert.Throws<ConfigurationException>(() => Load(file));
        Assert.Contains(e.Problems, p => p.Key == key && p.Remedy.Contains(remedy, StringComparison.Ordinal));
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("journal { connection = \"Host=a;Password=s3cret\" }", "journal.connection")]
    [InlineData("journal { kind = sqlite, connection = \"Host=a;Password=s3cret\" }", "journal.connection")]
    [InlineData("journal { kind = postgers, connection = \"Host=a;Password=s3cret\" }", "journal.kind")]
    [InlineData("journal { kind = postgres, conection = \"Host=a;Password=s3cret\" }", "journal.conection")]
    public void A_connection_at_the_wrong_place_or_misspelt_is_a_problem_that_shows_no_password(string file, string key)
    {
        var e = Assert.Throws<ConfigurationException>(() => Load(file));
        Assert.Contains(e.Problems, p => p.Key == key);
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_connection_that_is_none_is_not_shown()
    {
        var e = Assert.Throws<ConfigurationException>(() => Load("""journal { kind = postgres, connection = ["Host=a;Password=s3cret"] }, cluster { seeds = ["127.0.0.1:9120"] }"""));
        Assert.Contains(e.Problems, p => p.Key == "journal.connection");
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_loopback_the_API_needs_TLS_and_then_every_request_a_token()
    {
        var e = Assert.Throws<ConfigurationException>(() => Load("""{ "node": { "listen": "0.0.0.0:9110" } }"""));
        Assert.Contains("api.tls", e.Message, StringComparison.Ordinal);
        Assert.Contains("certificate = \"api.pem\"", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<ConfigurationException>(() => Load("""{ "node": { "listen": "0.0.0.0:9110" }, "api": { "tls": { "certificate": "none.pem", "key": "none.key" } } }"""));
        Assert.Contains("none.pem", e.Message, StringComparison.Ordinal);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=api", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
        File.WriteAllText(Path.Combine(_scratch.Folder, "api.pem"), made.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_scratch.Folder, "api.key"), key.ExportPkcs8PrivateKeyPem());
        var c = Load("""{ "node": { "listen": "0.0.0.0:9110" }, "api": { "tls": { "certificate": "api.pem", "key": "api.key" } } }""");
        Assert.True(c.Api.NeedsToken);
        Assert.False(Load("{}").Api.NeedsToken);
        Assert.True(Load("""{ "api": { "tokens_on_loopback": true } }""").Api.NeedsToken);
    }

    [Fact]
    public void Certificates_that_do_not_fit_are_refused_with_the_file_and_the_reason()
    {
        using var authority = Authority("ours");
        using var other = Authority("theirs");
        File.WriteAllText(Path.Combine(_scratch.Folder, "ca.pem"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_scratch.Folder, "other.pem"), other.ExportCertificatePem());
        Write(authority, "node", DateTimeOffset.Now.AddDays(1));
        Write(authority, "old", DateTimeOffset.Now.AddDays(-1));
        Write(authority, "young", DateTimeOffset.Now.AddDays(2), DateTimeOffset.Now.AddDays(1));

        Assert.NotNull(Load(Tls("node", "ca")).Cluster!.Tls);
        Assert.Contains("is not of the authority", Refused("node", "other"), StringComparison.Ordinal);
        Assert.Contains("has expired", Refused("old", "ca"), StringComparison.Ordinal);
        Assert.Contains("is valid only from", Refused("young", "ca"), StringComparison.Ordinal);
        Assert.Contains("absent.pem cannot be used", Refused("absent", "ca"), StringComparison.Ordinal);

        string Tls(string name, string ca) => $$"""
            node { roles = [ingest] }, journal { kind = postgres }
            cluster { listen = "10.0.0.1:9120", seeds = ["10.0.0.1:9120"], tls { certificate = "{{_scratch.Folder}}/{{name}}.pem", key = "{{_scratch.Folder}}/{{name}}.key", ca = "{{_scratch.Folder}}/{{ca}}.pem" } }
            """;

        string Refused(string name, string ca) => Assert.Throws<ConfigurationException>(() => Load(Tls(name, ca))).Message;

        void Write(X509Certificate2 issuer, string name, DateTimeOffset until, DateTimeOffset? from = null)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var made = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).Create(issuer, from ?? DateTimeOffset.Now.AddDays(-2), until, [1, 2, 3]);
            File.WriteAllText(Path.Combine(_scratch.Folder, $"{name}.pem"), made.ExportCertificatePem());
            File.WriteAllText(Path.Combine(_scratch.Folder, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        }

        static X509Certificate2 Authority(string name)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            return request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-3), DateTimeOffset.Now.AddDays(3));
        }
    }
}
