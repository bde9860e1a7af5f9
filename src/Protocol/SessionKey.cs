using System.Text;

namespace FtpActors.Protocol;

/// <summary>
/// Whose session an event belongs to: the server's own session id where there is one, else host, service, user and remote address
/// (several logins may then share the key; the session logic counts them).
/// </summary>
/// <param name="Host">FTP host.</param>
/// <param name="Service">Server or virtual domain.</param>
/// <param name="User">Login name; "" when <paramref name="ServerSession"/> is set, because it may be unknown before the login.</param>
/// <param name="RemoteHost">The client; "" when <paramref name="ServerSession"/> is set.</param>
/// <param name="ServerSession">The server's own session id, "" when it has none.</param>
public readonly record struct SessionKey(string Host, string Service, string User, string RemoteHost, string ServerSession)
{
    /// <summary>The key of an event.</summary>
    public static SessionKey Of(FtpEvent e) => e.Session is { Length: > 0 } id
        ? new SessionKey(e.Host, e.Service, "", "", id)
        : new SessionKey(e.Host, e.Service, e.User, e.RemoteHost, "");

    /// <summary>
    /// The shard that owns this key. The hash (FNV-1a, 64 bit, folded) is part of the stored format: it must never change,
    /// or stored events would be looked for in the wrong shard.
    /// </summary>
    /// <param name="shards">Number of shards, from 1.</param>
    public int Shard(int shards)
    {
        var hash = 14695981039346656037UL;
        Mix(Host, ref hash);
        Mix(Service, ref hash);
        Mix(User, ref hash);
        Mix(RemoteHost, ref hash);
        Mix(ServerSession, ref hash);
        return (int)((hash ^ (hash >> 32)) % (uint)shards);
    }

    private static void Mix(string part, ref ulong hash)
    {
        const ulong prime = 1099511628211UL;
        Span<byte> buffer = stackalloc byte[256];
        var bytes = Encoding.UTF8.TryGetBytes(part, buffer, out var n) ? buffer[..n] : Encoding.UTF8.GetBytes(part);
        foreach (var b in bytes)
            hash = (hash ^ b) * prime;
        // A separator that cannot occur in UTF-8: ("ab","c") and ("a","bc") are different keys.
        hash = (hash ^ 0xFF) * prime;
    }
}
