using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>
/// One request of Pure-FTPd to an external authentication daemon: lines <c>key:value</c>, ended by the line <c>end</c>. The server
/// sends one per connection, at most 4096 bytes, and cleans control bytes out of the account.
/// </summary>
public sealed class AuthRequest
{
    /// <summary>Longest request the server sends, bytes.</summary>
    public const int LargestRequest = 4096;

    private readonly byte[] _password;

    private AuthRequest(byte[] password) => _password = password;

    /// <summary>Login name, as <see cref="ReversibleText"/>.</summary>
    public required string Account { get; init; }
    /// <summary>The password in clear, as it came. Not part of any text form of this object.</summary>
    public ReadOnlySpan<byte> Password => _password;
    /// <summary>Address of the server that the client reached; "" when not sent.</summary>
    public string LocalHost { get; init; } = "";
    /// <summary>Port of the server, 0 when not sent.</summary>
    public int LocalPort { get; init; }
    /// <summary>Address of the client; its port is not sent.</summary>
    public string Peer { get; init; } = "";
    /// <summary>Server name that a TLS client asked for; "" when none.</summary>
    public string SniName { get; init; } = "";
    /// <summary>Whether the control connection is encrypted.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Reads a request from the start of what came.</summary>
    /// <param name="bytes">What came so far.</param>
    /// <param name="request">The request, null when it is not complete or not one.</param>
    /// <param name="reason">Why it is not one, for a person (it never has the password); null when more bytes may complete it.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out AuthRequest? request, out string? reason)
    {
        (request, reason) = (null, null);
        var fields = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var rest = bytes[..Math.Min(bytes.Length, LargestRequest)];
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var line = rest[..end];
            rest = rest[(end + 1)..];
            if (line.SequenceEqual("end"u8))
                return TryMake(fields, out request, out reason);
            var colon = line.IndexOf((byte)':');
            if (colon <= 0)
            {
                reason = "a line of the request has no key";
                return false;
            }
            // Keys of later versions are kept out of the way; of a repeated key the first counts, so that nothing behind it can replace it.
            fields.TryAdd(Encoding.Latin1.GetString(line[..colon]), line[(colon + 1)..].ToArray());
        }
        if (bytes.Length >= LargestRequest)
            reason = $"no 'end' within {LargestRequest} bytes";
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Account} from {Peer} at {LocalHost}:{LocalPort.ToString(CultureInfo.InvariantCulture)}";

    private static bool TryMake(Dictionary<string, byte[]> fields, [NotNullWhen(true)] out AuthRequest? request, out string? reason)
    {
        (request, reason) = (null, null);
        var port = 0;
        if (!fields.TryGetValue("account", out var account) || !fields.TryGetValue("password", out var password))
            reason = "the request has no account or no password";
        else if (fields.ContainsKey("localport")
            && !(int.TryParse(Text("localport"), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue))
            reason = "localport is not a port";
        else
        {
            request = new AuthRequest(password)
            {
                Account = ReversibleText.FromBytes(account), LocalHost = Text("localhost"), LocalPort = port, Peer = Text("peer"),
                SniName = Text("sni_name"), IsEncrypted = Text("encrypted") == "1",
            };
        }
        return request is not null;

        string Text(string key) => fields.TryGetValue(key, out var value) ? ReversibleText.FromBytes(value) : "";
    }
}
