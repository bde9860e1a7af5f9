using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace FtpActors.Node.Access;

/// <summary>A token as it is stored: without the secret itself.</summary>
/// <param name="Name">Whose it is; stands in the audit lines.</param>
/// <param name="Role">What it is good for.</param>
/// <param name="Hash">SHA-256 of the secret. A plain hash is enough: 256 random bits cannot be guessed, unlike a password.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it is good for nothing; null for never.</param>
internal sealed record Token(string Name, Role Role, byte[] Hash, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt)
{
    /// <summary>How every secret begins, so that it is known for what it is wherever it turns up.</summary>
    public const string Prefix = "ftpa_";

    private const int SecretBytes = 32;

    /// <summary>Makes one; its secret is known only to the caller.</summary>
    public static (Token Token, string Secret) Make(string name, Role role, DateTimeOffset now, TimeSpan? life)
    {
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new Token(name, role, HashOf(secret), now, life is { } l ? now + l : null), secret);
    }

    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    public bool IsExpired(DateTimeOffset now) => ExpiresAt is { } end && now >= end;
}
