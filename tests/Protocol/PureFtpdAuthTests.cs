using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Protocol.Tests;

/// <summary>Fuzzing of the external authentication: whatever comes, the decoders answer and never throw.</summary>
public class PureFtpdAuthTests
{
    private const string Request = "account:ann\npassword:p:w\nlocalhost:127.0.0.1\nlocalport:2421\npeer:192.0.2.7\nsni_name:\nencrypted:0\nend\n";
    private const string Reply = "auth_ok:1\nuid:1900\ngid:1900\ndir:/srv/ftp\nthrottling_bandwidth_ul:1000\nuser_quota_size:100\nper_user_max:3\nend\n";

    // Valid texts with a few bytes changed, taken out or put in, and bytes at random.
    private static Gen<byte[]> Hostile(string valid) => Gen.OneOf(
        from text in Gen.Constant(Encoding.Latin1.GetBytes(valid))
        from edits in Gen.Choose(0, 4)
        from places in Gen.Choose(0, valid.Length - 1).ArrayOf(edits)
        from values in Gen.Choose(-2, 255).ArrayOf(edits)
        select Edited(text, places, values),
        Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(),
        Gen.Elements("account:", "password:", "auth_ok:", "1", "-1", "0", "uid:", "gid:", "dir:", "/", "\n", "\r\n", "end\n", ":", "\0", "\u007F", "99999999999999999999")
            .ArrayOf().Select(words => Encoding.Latin1.GetBytes(string.Concat(words))));

    [Fact]
    public void Whatever_comes_is_a_request_or_has_a_reason_or_wants_more() => Prop.ForAll(Hostile(Request).ToArbitrary(), bytes =>
    {
        var read = AuthRequest.TryDecode(bytes, out var request, out var reason);

        Assert.Equal(read, request is not null);
        Assert.False(read && reason is not null);
        if (read)
        {
            Assert.DoesNotContain('\n', request!.Account);
            Assert.InRange(request.LocalPort, 0, ushort.MaxValue);
        }
        // What wants more bytes is completed by some, or told what is wrong with it.
        else if (reason is null)
        {
            Assert.True(bytes.Length < AuthRequest.LargestRequest);
            Assert.True(AuthRequest.TryDecode([.. bytes, .. new byte[AuthRequest.LargestRequest]], out _, out reason) || reason is not null);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void A_request_cut_anywhere_wants_more_and_is_whole_at_its_last_byte()
    {
        var bytes = Encoding.Latin1.GetBytes(Request);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(AuthRequest.TryDecode(bytes.AsSpan(0, length), out _, out var reason));
            Assert.Null(reason);
        }
        Assert.True(AuthRequest.TryDecode(bytes, out var request, out _));
        Assert.Equal("p:w", Encoding.Latin1.GetString(request.Password));
    }

    [Fact]
    public void A_reply_of_a_program_is_the_servers_or_is_refused_with_a_reason() => Prop.ForAll(Hostile(Reply).ToArbitrary(), bytes =>
    {
        if (!AuthReply.TryDecode(bytes, out var reply, out var reason))
        {
            Assert.NotEmpty(reason);
            return;
        }
        var encoded = reply.Encode();
        // What goes on to the server says the same when it is read again, and has nothing that the server would read otherwise.
        Assert.True(encoded.Length <= AuthReply.LargestReply);
        Assert.DoesNotContain((byte)'\r', encoded);
        Assert.DoesNotContain((byte)0, encoded);
        Assert.True(AuthReply.TryDecode(encoded, out var again, out reason), reason);
        Assert.Equal((reply.Verdict, Encoding.Latin1.GetString(encoded)), (again.Verdict, Encoding.Latin1.GetString(again.Encode())));
        var lines = Encoding.Latin1.GetString(encoded).Split('\n');
        Assert.Equal(["end", ""], lines[^2..]);
        Assert.Equal(reply.Fields.Count() + 3, lines.Length);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void The_replies_of_the_gate_are_these_bytes()
    {
        Assert.Equal("auth_ok:-1\nend\n", Encoding.ASCII.GetString(AuthReply.Refuse.Encode()));
        Assert.Equal("auth_ok:0\nend\n", Encoding.ASCII.GetString(AuthReply.PassOn.Encode()));
    }

    [Fact]
    public void The_lines_of_a_program_are_copied_and_others_left_out()
    {
        Assert.True(AuthReply.TryDecode("debug: x\nauth_ok:1\r\nuid:7\ngid:8\ndir:/srv/ż\nuid:0\npassword:pw\nnothing\nend\nuid:9\n"u8, out var reply, out _));
        Assert.Equal("auth_ok:1\nuid:7\ngid:8\ndir:/srv/ż\nend\n"u8, reply.Encode());
    }

    [Fact]
    public void A_program_that_says_nothing_passes_on()
    {
        Assert.True(AuthReply.TryDecode([], out var reply, out _));
        Assert.Equal(AuthVerdict.PassOn, reply.Verdict);
    }

    [Theory]
    [InlineData("auth_ok:1\nuid:7\ngid:8\ndir:/srv\n", "no line 'end'")]
    [InlineData("auth_ok:1\nuid:0\ngid:8\ndir:/srv\nend\n", "uid")]
    [InlineData("auth_ok:1\nuid:7\ngid:8\nend\n", "dir")]
    [InlineData("auth_ok:1\nuid:7\ngid:8\ndir:srv\nend\n", "dir")]
    [InlineData("auth_ok:1\nuid:-7\ngid:8\ndir:/srv\nend\n", "uid")]
    [InlineData("auth_ok:2\nend\n", "auth_ok")]
    [InlineData("uid:7\nend\n", "auth_ok")]
    public void What_the_server_would_take_for_something_else_is_refused(string output, string reason)
    {
        Assert.False(AuthReply.TryDecode(Encoding.Latin1.GetBytes(output), out _, out var why));
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    private static byte[] Edited(byte[] text, int[] places, int[] values)
    {
        var bytes = text.ToList();
        foreach (var (place, value) in places.Zip(values))
        {
            var at = Math.Min(place, bytes.Count - 1);
            if (value == -1)
                bytes.RemoveAt(at);
            else if (value == -2)
                bytes.InsertRange(at, bytes.Take(20).ToArray());
            else
                bytes[at] = (byte)value;
        }
        return [.. bytes];
    }
}
