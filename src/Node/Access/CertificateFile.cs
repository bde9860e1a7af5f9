using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FtpActors.Node.Access;

/// <summary>A certificate and its key cannot be used; the message says why and what to do.</summary>
internal sealed class CertificateException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A certificate in PEM files, which are looked at again when they may have changed. Files that cannot be used while the node runs leave the certificate in force. Safe from any
/// thread.
/// </summary>
internal sealed class CertificateFile
{
    private readonly Lock _gate = new();
    private readonly string _certificate;
    private readonly string _key;
    private volatile X509Certificate2 _current;
    private FileState _seen;

    private CertificateFile(string certificate, string key, FileState seen)
    {
        (_certificate, _key, _seen) = (certificate, key, seen);
        _current = Read(certificate, key);
    }

    /// <summary>The one in force.</summary>
    public X509Certificate2 Current => _current;

    /// <exception cref="CertificateException">The files cannot be used.</exception>
    public static CertificateFile Load(string certificate, string key) => new(certificate, key, FileState.Of(certificate, key));

    /// <summary>Takes new files in force; false when they are as they were.</summary>
    /// <exception cref="CertificateException">They cannot be used. It is said once; the next change is tried again.</exception>
    public bool Refresh()
    {
        lock (_gate)
        {
            var now = FileState.Of(_certificate, _key);
            if (now == _seen)
                return false;
            _seen = now;
            // The old one is not disposed: connections that begin just now may have it in hand.
            _current = Read(_certificate, _key);
            return true;
        }
    }

    private static X509Certificate2 Read(string certificate, string key)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            // Through PKCS 12, because TLS takes no key that is only in memory.
            var own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            return own.NotAfter >= DateTime.Now ? own : throw new CertificateException($"{certificate} has expired on {own.NotAfter:yyyy-MM-dd}; put a new one in its place.");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException($"{certificate} and {key} cannot be used: {e.Message.TrimEnd('.')}. They must be a certificate and its key as PEM files that the node may read.", e);
        }
    }
}
