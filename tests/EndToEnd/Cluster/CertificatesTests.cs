using System.Security.Cryptography.X509Certificates;

namespace FtpActors.EndToEnd.Tests.Cluster;

/// <summary>What <c>docker/make-secrets</c> makes.</summary>
public sealed class CertificatesTests
{
    [Fact]
    public async Task A_renewed_certificate_keeps_its_names_and_without_the_key_of_the_authority_nothing_is_renewed()
    {
        using var certificates = await Certificates.MakeAsync("handler1", "ftp1=10.0.0.7");
        var before = Read();
        await certificates.RunAsync("--renew", "ftp1");
        var after = Read();
        Assert.NotEqual(before.Thumbprint, after.Thumbprint);
        Assert.Equal(Names(before), Names(after));
        Assert.Contains("10.0.0.7", Names(after), StringComparison.Ordinal);

        File.Delete(certificates["ca.key"]);
        var (code, errors) = await certificates.TryAsync("--renew", "ftp1");
        Assert.Equal(1, code);
        Assert.Contains("its key ca.key is not", errors, StringComparison.Ordinal);
        Assert.Equal(after.Thumbprint, Read().Thumbprint);
        Assert.Empty(Directory.GetDirectories(certificates[""]));

        X509Certificate2 Read() => X509Certificate2.CreateFromPem(File.ReadAllText(certificates["ftp1.pem"]));
    }

    private static string Names(X509Certificate2 certificate) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().Format(multiLine: false);
}
