using System.Security.Cryptography.X509Certificates;

namespace FtpActors.Node.Configuration;

/// <summary>Whose a certificate is.</summary>
internal static class CertificateChain
{
    /// <summary>Whether a certificate is valid now and of an authority; no other authority counts, and under what name its owner is reached does not matter.</summary>
    public static bool IsOf(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
