using System.Globalization;
using System.Text.RegularExpressions;

namespace FtpActors.Protocol.OpenSsh;

/// <summary>The texts of sshd that a session is made of (auth.c, session.c, sshd.c, packet.c of 9.2p1). A name may hold anything; the end of a text is what tells.</summary>
internal static partial class SshdText
{
    public static OpenSshLine Read(OpenSshLine line)
    {
        var text = line.Text;
        if (ConnectionText().Match(text) is { Success: true } c)
            return line with { Word = OpenSshWord.Connection, Address = c.Groups[1].Value, Port = Port(c.Groups[2]), Local = $"{Bracketed(c.Groups[3].Value)}:{c.Groups[4].Value}" };
        if (AcceptedText().Match(text) is { Success: true } a)
        {
            return line with
            {
                Word = a.Groups[1].Value == "Accepted" ? OpenSshWord.Accepted : OpenSshWord.Failed, Method = a.Groups[2].Value, User = a.Groups[3].Value, Address = a.Groups[4].Value,
                Port = Port(a.Groups[5]), Key = a.Groups[6].Success ? a.Groups[6].Value : null,
            };
        }
        if (ChildText().Match(text) is { Success: true } child)
            return line with { Word = OpenSshWord.Child, Number = Port(child.Groups[1]) };
        if (ChannelText().Match(text) is { Success: true } s)
            return line with { Word = OpenSshWord.Channel, User = s.Groups[1].Value, Address = s.Groups[2].Value, Port = Port(s.Groups[3]), Number = Port(s.Groups[4]) };
        if (RefusedText().Match(text) is { Success: true } r)
            return line with { Word = OpenSshWord.Refused, User = r.Groups[1].Value, Address = r.Groups[2].Value, Port = Port(r.Groups[3]) };
        if (DisconnectedText().Match(text) is { Success: true } d)
            return line with { Word = OpenSshWord.Disconnected, User = d.Groups[1].Value, Address = d.Groups[2].Value, Port = Port(d.Groups[3]) };
        return line;
    }

    private static int Port(Group group) => int.TryParse(group.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;

    private static string Bracketed(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    [GeneratedRegex(@"^Connection from (\S+) port (\d{1,5}) on (\S+) port (\d{1,5})(?: |$)")]
    private static partial Regex ConnectionText();

    [GeneratedRegex(@"^(Accepted|Failed) (\S+) for (?:invalid user )?(.*) from (\S+) port (\d{1,5}) ssh2(?:: (.*))?$", RegexOptions.Singleline)]
    private static partial Regex AcceptedText();

    [GeneratedRegex(@"^User child is on pid (\d{1,9})$")]
    private static partial Regex ChildText();

    [GeneratedRegex(@"^Starting session: .* for (.*) from (\S+) port (\d{1,5}) id (\d{1,9})$", RegexOptions.Singleline)]
    private static partial Regex ChannelText();

    [GeneratedRegex(@"^(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting) (?:invalid|authenticating) user (.*) (\S+) port (\d{1,5})(?:: .*)? \[preauth\]$", RegexOptions.Singleline)]
    private static partial Regex RefusedText();

    [GeneratedRegex(@"^(?:Disconnected from user|Connection (?:closed|reset) by user|Timeout, client not responding from user) (.*) (\S+) port (\d{1,5})$|^Connection (?:closed|reset) by (?<2>\S+) port (?<3>\d{1,5})$|^pam_unix\(sshd:session\): session closed for user (?<1>.*)$", RegexOptions.Singleline)]
    private static partial Regex DisconnectedText();
}
