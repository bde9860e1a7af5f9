using System.Buffers.Text;
using System.Text;

namespace FtpActors.Protocol.OpenSsh;

/// <summary>
/// The texts of internal-sftp and sftp-server (sftp-server.c of 9.2p1). Names stand between quotation marks, which are not escaped: it is read so that the text behind the last name
/// tells where that ends. A line that is cut (the server's buffer has 1024 bytes) is none of these.
/// </summary>
internal static class SftpText
{
    public static OpenSshLine Read(OpenSshLine line, ReadOnlySpan<byte> text)
    {
        var read = ReadWhole(line, text);
        return read.Word == OpenSshWord.Other && IsOperation(text) ? read with { Word = OpenSshWord.Cut } : read;
    }

    private static OpenSshLine ReadWhole(OpenSshLine line, ReadOnlySpan<byte> text)
    {
        if (After(text, "session opened for local user "u8, out var rest) || After(text, "session closed for local user "u8, out rest))
        {
            var from = rest.LastIndexOf(" from ["u8);
            return from < 0 || rest[^1] != (byte)']' ? line : line with
            {
                Word = text[8] == (byte)'o' ? OpenSshWord.SessionOpened : OpenSshWord.SessionClosed,
                User = VisText.Decode(rest[..from]), Address = Encoding.ASCII.GetString(rest[(from + 7)..^1]),
            };
        }
        if (After(text, "open \""u8, out rest))
            return rest.LastIndexOf("\" flags "u8) is >= 0 and var at && rest.LastIndexOf(" mode "u8) is var mode && mode > at
                ? line with { Word = OpenSshWord.Open, Path = VisText.Decode(rest[..at]), Flags = Encoding.ASCII.GetString(rest[(at + 8)..mode]) }
                : line;
        if (After(text, "close \""u8, out rest))
            return Close(line, rest, OpenSshWord.Close);
        if (After(text, "forced close \""u8, out rest))
            return Close(line, rest, OpenSshWord.ForcedClose);
        if (After(text, "posix-rename old \""u8, out rest) || After(text, "rename old \""u8, out rest))
            return Two(line, rest, "\" new \""u8, OpenSshWord.Rename);
        if (After(text, "symlink old \""u8, out rest) || After(text, "hardlink old \""u8, out rest))
            return Two(line, rest, "\" new \""u8, OpenSshWord.Symlink);
        if (After(text, "remove name \""u8, out rest))
            return One(line, rest, OpenSshWord.Remove);
        if (After(text, "rmdir name \""u8, out rest))
            return One(line, rest, OpenSshWord.Rmdir);
        if (After(text, "mkdir name \""u8, out rest))
            return rest.LastIndexOf("\" mode "u8) is >= 0 and var end ? line with { Word = OpenSshWord.Mkdir, Path = VisText.Decode(rest[..end]) } : line;
        if (After(text, "set \""u8, out rest))
            return Set(line, rest);
        if (After(text, "sent status "u8, out rest))
            return line with { Word = OpenSshWord.Status, Error = VisText.Decode(rest) };
        return IsQuestion(text) ? line with { Word = OpenSshWord.Question } : line;
    }

    private static OpenSshLine Close(OpenSshLine line, ReadOnlySpan<byte> rest, OpenSshWord word)
    {
        var at = rest.LastIndexOf("\" bytes read "u8);
        if (at < 0 || !Utf8Parser.TryParse(rest[(at + 13)..], out long read, out var used))
            return line;
        return After(rest[(at + 13 + used)..], " written "u8, out var last) && Utf8Parser.TryParse(last, out long written, out used) && used == last.Length
            ? line with { Word = word, Path = VisText.Decode(rest[..at]), Read = read, Written = written }
            : line;
    }

    // "set "PATH" mode 0640", "set "PATH" size 5", "set "PATH" modtime 20261121-00:21:36", "set "PATH" owner 1 group 2"; of a handle as well.
    private static OpenSshLine Set(OpenSshLine line, ReadOnlySpan<byte> rest)
    {
        var end = rest.LastIndexOf("\" "u8);
        return end < 0 ? line : line with { Word = OpenSshWord.Set, Path = VisText.Decode(rest[..end]), Flags = VisText.Decode(rest[(end + 2)..]) };
    }

    private static OpenSshLine One(OpenSshLine line, ReadOnlySpan<byte> rest, OpenSshWord word) =>
        rest is [.., (byte)'"'] ? line with { Word = word, Path = VisText.Decode(rest[..^1]) } : line;

    private static OpenSshLine Two(OpenSshLine line, ReadOnlySpan<byte> rest, ReadOnlySpan<byte> between, OpenSshWord word)
    {
        var at = rest.IndexOf(between);
        if (at < 0 || rest is not [.., (byte)'"'])
            return line;
        return line with
        {
            Word = word, Path = VisText.Decode(rest[..at]), PathTo = VisText.Decode(rest[(at + between.Length)..^1]), IsAmbiguous = rest.LastIndexOf(between) != at,
        };
    }

    private static bool IsOperation(ReadOnlySpan<byte> text) =>
        text.StartsWith("open \""u8) || text.StartsWith("close \""u8) || text.StartsWith("forced close \""u8) || text.StartsWith("posix-rename old \""u8)
        || text.StartsWith("rename old \""u8) || text.StartsWith("remove name \""u8) || text.StartsWith("mkdir name \""u8) || text.StartsWith("rmdir name \""u8)
        || text.StartsWith("symlink old \""u8) || text.StartsWith("hardlink old \""u8);

    private static bool IsQuestion(ReadOnlySpan<byte> text) =>
        After(text, "stat name "u8, out _) || After(text, "lstat name "u8, out _) || After(text, "fstat "u8, out _) || After(text, "realpath "u8, out _) || After(text, "opendir "u8, out _)
        || After(text, "closedir "u8, out _) || After(text, "readlink "u8, out _) || After(text, "statvfs "u8, out _) || After(text, "fsync "u8, out _) || After(text, "limits"u8, out _)
        || After(text, "expand-path "u8, out _) || After(text, "users-groups-by-id"u8, out _) || After(text, "received client version "u8, out _);

    private static bool After(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix, out ReadOnlySpan<byte> rest)
    {
        rest = text.StartsWith(prefix) ? text[prefix.Length..] : default;
        return text.StartsWith(prefix) && !(rest.IsEmpty && prefix[^1] == (byte)'"');
    }
}
