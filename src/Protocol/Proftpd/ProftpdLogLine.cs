using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FtpActors.Protocol.Proftpd;

/// <summary>
/// A line of ProFTPD's ExtendedLog in the format <see cref="LogFormat"/>: a mark and 25 columns with tabs between, what strangers choose last. ProFTPD escapes nothing, so a name with
/// a tab gives more columns; it is put together again where that is possible in one way only, and flagged <see cref="EventFlags.Ambiguous"/>.
/// </summary>
public static class ProftpdLogLine
{
    /// <summary>First column of every line, by which it is known.</summary>
    public const string Mark = "fa1";

    private const byte Tab = (byte)'\t';

    // Variable of LogFormat and key of mod_kafka's JSON.
    private static readonly (string Variable, string Key)[] Columns =
    [
        ("%{UNIQUE_ID}e", "ENV:UNIQUE_ID"), ("%P", "pid"), ("%{epoch}", "epoch"), ("%{microsecs}", "microsecs"), ("%a", "remote_ip"), ("%{remote-port}", "remote_port"),
        ("%L", "local_ip"), ("%p", "local_port"), ("%{protocol}", "protocol"), ("%s", "response_code"), ("%b", "bytes_sent"), ("%{file-size}", "file_size"),
        ("%{file-offset}", "file_offset"), ("%{transfer-status}", "transfer_status"), ("%{transfer-millisecs}", "transfer_millis"), ("%I", "session_bytes_rcvd"),
        ("%m", "command"), ("%v", "server_name"), ("%u", "user"), ("%E", "session_end_reason"), ("%U", "original_user"), ("%w", "rename_from"), ("%J", "command_params"),
        ("%f", "file"), ("%S", "response_msg"),
    ];

    private static readonly int ParametersAt = Array.FindIndex(Columns, c => c.Key == "command_params") + 1;

    /// <summary>The text between the quotes of LogFormat; the columns have tab characters between.</summary>
    public static string LogFormat { get; } = string.Join('\t', [Mark, .. Columns.Select(c => c.Variable)]);

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, with or without its line feed.</param>
    /// <param name="message">What it says.</param>
    /// <param name="reason">Why it says nothing, for a person.</param>
    public static bool TryDecode(ReadOnlySpan<byte> line, [NotNullWhen(true)] out ProftpdMessage? message, [NotNullWhen(false)] out string? reason)
    {
        message = null;
        if (!line.IsEmpty && line[^1] == (byte)'\n')
            line = line[..^1];
        var cells = Split(line);
        if (Encoding.ASCII.GetString(cells[0]) != Mark)
        {
            reason = $"does not begin with \"{Mark}\" and a tab: part of a name with a line feed, or another format than the one of 'ftpactors proftpd config'";
            return false;
        }
        var isJoined = cells.Count > Columns.Length + 1;
        if (isJoined && Joined(cells) is not { } joined)
        {
            reason = $"has {cells.Count} columns instead of {Columns.Length + 1}: a name in it has tabs that cannot be told from the columns'";
            return false;
        }
        else if (isJoined)
        {
            cells = Joined(cells)!;
        }
        if (cells.Count < Columns.Length + 1)
        {
            reason = $"has {cells.Count} columns instead of {Columns.Length + 1}: ProFTPD cuts lines at 4096 bytes, or this is part of a name with a line feed";
            return false;
        }
        (message, reason) = (Read(cells), null);
        if (isJoined)
            message.Flags |= EventFlags.Ambiguous;
        return true;
    }

    private static ProftpdMessage Read(List<byte[]> cells)
    {
        var fields = new ProftpdFields();
        for (var i = 0; i < Columns.Length; i++)
        {
            var cell = cells[i + 1];
            // ProFTPD's words for nothing.
            if (cell is not ([] or [(byte)'-']))
                fields.Text(Columns[i].Key, cell);
        }
        var m = fields.Message;
        // A log says CONNECT where mod_kafka leaves the command out.
        if (m.Command == "CONNECT")
            m.Connecting = true;
        return m;
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> line)
    {
        var cells = new List<byte[]>(Columns.Length + 1);
        foreach (var range in line.Split(Tab))
            cells.Add(line[range].ToArray());
        return cells;
    }

    /// <summary>One name with tabs stands in the parameters and at the end of the file, and in an error's text at its beginning; null when it is otherwise.</summary>
    private static List<byte[]>? Joined(List<byte[]> cells)
    {
        var tail = cells[ParametersAt..];
        var surplus = cells.Count - Columns.Length - 1;
        List<byte[]>? found = null;
        foreach (var places in new[] { 1, 2, 3 })
        {
            if (surplus % places != 0)
                continue;
            var each = surplus / places;
            var parameters = Join(tail[..(each + 1)]);
            var rest = tail[(each + 1)..];
            var file = Join(rest[..(places > 1 ? each + 1 : 1)]);
            var answer = Join(rest[(places > 1 ? each + 1 : 1)..]);
            var fits = places == 1 ? file is [(byte)'-'] : file.AsSpan().EndsWith(LastPart(parameters)) && (places == 2 || answer.AsSpan().StartsWith(parameters));
            if (!fits)
                continue;
            if (found is not null)
                return null;
            found = [.. cells[..ParametersAt], parameters, file, answer];
        }
        return found;
    }

    private static ReadOnlySpan<byte> LastPart(byte[] path) => path.AsSpan(path.AsSpan().LastIndexOf((byte)'/') + 1);

    private static byte[] Join(List<byte[]> cells)
    {
        var all = new List<byte>(cells[0]);
        foreach (var cell in cells.Skip(1))
            all.AddRange([Tab, .. cell]);
        return [.. all];
    }
}
