using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FtpActors.Node.Bench;

/// <summary>An authority and a certificate for the nodes of a run, as PEM files.</summary>
/// <param name="Certificate">The certificate's file.</param>
/// <param name="Key">Its key's.</param>
/// <param name="Authority">The authority's.</param>
internal sealed record BenchCertificates(string Certificate, string Key, string Authority)
{
    /// <summary>Makes them in a folder, valid for a day.</summary>
    public static BenchCertificates Make(string folder)
    {
        var made = new BenchCertificates(Path.Combine(folder, "node.pem"), Path.Combine(folder, "node.key"), Path.Combine(folder, "ca.pem"));
        var (from, until) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=bench", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var authority = request.CreateSelfSigned(from, until);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256).Create(authority, from, until, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(made.Authority, authority.ExportCertificatePem());
        File.WriteAllText(made.Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(made.Key, key.ExportPkcs8PrivateKeyPem());
        return made;
    }
}
