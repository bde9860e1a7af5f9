using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FtpActors.Protocol.PureFtpd;

/// <summary>What Pure-FTPd is told about a login.</summary>
public enum AuthVerdict
{
    /// <summary><c>auth_ok:-1</c>: refused with 530; the server asks no other method.</summary>
    Refuse = -1,
    /// <summary><c>auth_ok:0</c>: not known here; the server asks its next method.</summary>
    PassOn = 0,
    /// <summary><c>auth_ok:1</c>: the password is right; the reply must name uid, gid and folder.</summary>
    Accept = 1,
}

/// <summary>
/// One reply to Pure-FTPd's external authentication: lines <c>key:value</c>, ended by the line <c>end</c>, LF only. The server reads at most
/// 4095 bytes and waits until the connection is closed.
/// </summary>
public sealed class AuthReply
{
    /// <summary>Longest reply that the server reads, bytes.</summary>
    public const int LargestReply = 4095;

    // Keys beside auth_ok, as the server's source reads them. All but dir are numbers.
    private static readonly Dictionary<string, bool> Keys = new(StringComparer.Ordinal)
    {
        ["uid"] = true, ["gid"] = true, ["dir"] = false, ["slow_tilde_expansion"] = true, ["throttling_bandwidth_ul"] = true,
        ["throttling_bandwidth_dl"] = true, ["user_quota_size"] = true, ["user_quota_files"] = true, ["ratio_upload"] = true,
        ["ratio_download"] = true, ["per_user_max"] = true,
    };

    private readonly List<(string Key, byte[] Value)> _fields;

    private AuthReply(AuthVerdict verdict, List<(string Key, byte[] Value)> fields) => (Verdict, _fields) = (verdict, fields);

    /// <summary>530, and no other method is asked.</summary>
    public static AuthReply Refuse { get; } = new(AuthVerdict.Refuse, []);

    /// <summary>The server's next method decides.</summary>
    public static AuthReply PassOn { get; } = new(AuthVerdict.PassOn, []);

    /// <summary>What the server is told.</summary>
    public AuthVerdict Verdict { get; }

    /// <summary>The other keys with their values, as <see cref="ReversibleText"/>.</summary>
    public IEnumerable<(string Key, string Value)> Fields => _fields.Select(f => (f.Key, ReversibleText.FromBytes(f.Value)));

    /// <summary>The bytes for the server.</summary>
    public byte[] Encode()
    {
        var reply = new List<byte>(64);
        reply.AddRange(Encoding.ASCII.GetBytes($"auth_ok:{((int)Verdict).ToString(CultureInfo.InvariantCulture)}\n"));
        foreach (var (key, value) in _fields)
        {
            reply.AddRange(Encoding.ASCII.GetBytes(key));
            reply.Add((byte)':');
            reply.AddRange(value);
            reply.Add((byte)'\n');
        }
        reply.AddRange("end\n"u8);
        return [.. reply];
    }

    /// <summary>
    /// Reads what a program wrote that answers as for pure-authd. Lines that are none of the protocol's are left out; a CR at the end of a line too, which the
    /// server would take for a part of the value. Of a repeated key the first counts.
    /// </summary>
    /// <param name="output">Everything it wrote.</param>
    /// <param name="reply">The reply; a program that wrote nothing passes on, as with pure-authd.</param>
    /// <param name="reason">Why it is no reply that the server would take for what it says, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> output, [NotNullWhen(true)] out AuthReply? reply, [NotNullWhen(false)] out string? reason)
    {
        (reply, reason) = (null, null);
        if (output.IsEmpty)
        {
            reply = PassOn;
            return true;
        }
        if (output.Length > LargestReply)
        {
            reason = $"{output.Length} bytes; the server reads at most {LargestReply}";
            return false;
        }
        AuthVerdict? verdict = null;
        var fields = new List<(string Key, byte[] Value)>();
        while (output.IndexOf((byte)'\n') is >= 0 and var length)
        {
            var line = output[..length];
            output = output[(length + 1)..];
            if (line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.SequenceEqual("end"u8))
                return TryMake(verdict, fields, out reply, out reason);
            if (line.IndexOf((byte)':') is not (> 0 and var colon))
                continue;
            var key = Encoding.Latin1.GetString(line[..colon]);
            var value = line[(colon + 1)..];
            if (key == "auth_ok")
            {
                if (!TryVerdict(value, out var read))
                {
                    reason = "auth_ok is none of -1, 0 and 1";
                    return false;
                }
                verdict ??= read;
            }
            else if (Keys.TryGetValue(key, out var isNumber) && !fields.Exists(f => f.Key == key))
            {
                if (!(isNumber ? IsNumber(value) : IsFolder(value)))
                {
                    reason = isNumber ? $"{key} is not a whole number" : $"{key} is not a path from /, or has control characters";
                    return false;
                }
                fields.Add((key, value.ToArray()));
            }
        }
        reason = "there is no line 'end'";
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => $"auth_ok:{((int)Verdict).ToString(CultureInfo.InvariantCulture)}";

    private static bool TryMake(
        AuthVerdict? verdict, List<(string Key, byte[] Value)> fields, [NotNullWhen(true)] out AuthReply? reply, [NotNullWhen(false)] out string? reason)
    {
        reply = null;
        // The server makes a refusal of it, and the reason would stay hidden.
        reason = verdict is null ? "there is no auth_ok"
            : verdict == AuthVerdict.Accept && !(IsPositive("uid") && IsPositive("gid") && fields.Exists(f => f.Key == "dir"))
                ? "auth_ok:1 needs a uid and a gid above 0 and a dir"
            : null;
        if (reason is null)
            reply = new AuthReply(verdict!.Value, fields);
        return reply is not null;

        bool IsPositive(string key) => fields.Find(f => f.Key == key).Value is { } value && value.AsSpan().ContainsAnyExcept((byte)'0');
    }

    private static bool TryVerdict(ReadOnlySpan<byte> value, out AuthVerdict verdict)
    {
        var read = Utf8Parser.TryParse(value, out int number, out var used) && used == value.Length && number is >= -1 and <= 1;
        verdict = (AuthVerdict)number;
        return read;
    }

    // What fits an unsigned 64-bit number; the server's own fields are no larger.
    private static bool IsNumber(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= 19 && !value.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool IsFolder(ReadOnlySpan<byte> value) =>
        value.StartsWith("/"u8) && !value.ContainsAnyInRange((byte)0, (byte)0x1F) && !value.Contains((byte)0x7F);
}
