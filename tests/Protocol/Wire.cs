using System.Text;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Protocol.Tests;

/// <summary>Messages written by hand, one char of Latin-1 per byte, so that a test shows exactly what is on the wire.</summary>
internal static class Wire
{
    public static readonly string[] GoodTransfer = ["/f", "4570", "0.020", "227.408", "", "OK", "I", "Ps", "1001169129"];

    /// <summary>A good upload but for one field, counted from the path.</summary>
    public static byte[] Transfer(int place, string token)
    {
        string[] fields = [.. GoodTransfer];
        fields[place] = token;
        return Of("UPLOAD", fields);
    }

    public static byte[] Bytes(string latin1) => Encoding.Latin1.GetBytes(latin1);

    /// <summary>A well-framed message: every token ended by a line feed, the length counted.</summary>
    public static byte[] Message(params string[] tokens)
    {
        var body = string.Concat(tokens.Select(t => t + "\n"));
        return Bytes($"STR\n{body.Length,3}\n{body}");
    }

    /// <summary>The six common tokens, then the type's own.</summary>
    public static byte[] Of(string type, params string[] fields) =>
        Message([type, "anonymous", "", "a@localhost", "loopback", "localhost", .. fields]);

    public static NcFtpdMessage Decoded(byte[] bytes)
    {
        Assert.True(NcFtpdDecoder.TryDecode(bytes, out var message, out var reason), reason);
        return message;
    }

    public static string Refused(byte[] bytes)
    {
        Assert.False(NcFtpdDecoder.TryDecode(bytes, out var message, out var reason));
        Assert.Null(message);
        return reason;
    }

    public static FtpEvent Event(byte[] bytes, bool swapHosts = false) =>
        NcFtpdEvents.ToEvent(Decoded(bytes), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "ftp1", "q", swapHosts);

    /// <summary>Record equality, with lists compared by their contents.</summary>
    public static void Same(NcFtpdMessage expected, NcFtpdMessage actual)
    {
        Assert.Equal(expected.Extra, actual.Extra);
        Assert.Equal(expected.BadNumbers, actual.BadNumbers);
        Assert.Equal(expected with { Extra = [], BadNumbers = [] }, actual with { Extra = [], BadNumbers = [] });
    }
}
