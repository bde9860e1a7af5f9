using System.Globalization;
using System.Text;
using FtpActors.Protocol;

namespace FtpActors.Actors.Rules;

/// <summary>The facts as environment variables: every plain value of the facts as FTP_ and its name in capitals, absent ones left out.</summary>
public static class FactsEnvironment
{
    /// <summary>
    /// FTP_KIND, FTP_USER, FTP_PATH and so on, FTP_RULE, FTP_DELIVERY_KEY and FTP_ATTEMPT. Texts are the strangers' exact bytes; only a text
    /// with a NUL, which no variable can hold, is given in the form of <see cref="ReversibleText"/>.
    /// </summary>
    public static Dictionary<string, byte[]> Of(Facts facts, string rule, string deliveryKey, int attempt)
    {
        var variables = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, value) in facts.Values)
        {
            if (Bytes(value) is { } bytes)
                variables["FTP_" + name.ToUpperInvariant()] = bytes;
        }
        variables["FTP_RULE"] = Encoding.UTF8.GetBytes(rule);
        variables["FTP_DELIVERY_KEY"] = Encoding.UTF8.GetBytes(deliveryKey);
        variables["FTP_ATTEMPT"] = Encoding.UTF8.GetBytes(attempt.ToString(CultureInfo.InvariantCulture));
        return variables;
    }

    private static byte[]? Bytes(object? value) => value switch
    {
        string text => ReversibleText.ToBytes(text) is var bytes && bytes.Contains((byte)0) ? Encoding.UTF8.GetBytes(text) : bytes,
        long or double => Encoding.UTF8.GetBytes(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)),
        List<object?> list when list.TrueForAll(item => item is string) => Encoding.UTF8.GetBytes(string.Join(',', list)),
        _ => null,
    };
}
