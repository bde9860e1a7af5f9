using FtpActors.Protocol.NcFtpd;

namespace FtpActors.Protocol.Tests;

/// <summary>What the decoder does in doubt, one rule after the other (docs/ncftpd-format.md). Rules 13 and 14 are about sources: only what touches bytes is here.</summary>
public class NcFtpdRuleTests
{
    [Theory]
    [InlineData("STR\n 31\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n", EventFlags.None)]
    [InlineData("STR\n 30\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n", EventFlags.None)]
    [InlineData("STR\n 30\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt", EventFlags.None)]
    [InlineData("STR\n 32\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n\0", EventFlags.None)]
    [InlineData("STR\n 31\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n\0", EventFlags.None)]
    [InlineData("STR\n 29\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n", EventFlags.LengthMismatch)]
    [InlineData("STR\n  0\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n", EventFlags.LengthMismatch)]
    [InlineData("STR\n 32\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n", EventFlags.LengthMismatch | EventFlags.Truncated)]
    [InlineData("STR\n999\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n", EventFlags.LengthMismatch | EventFlags.Truncated)]
    [InlineData("STR\n 32\nDELETE\nu\n\n\ns\nc\n/home/a/b/c.txt\n\0\0", EventFlags.EmbeddedNul | EventFlags.ExtraFields)]
    public void Rule_1_the_bytes_that_came_are_the_truth_and_the_length_only_raises_doubts(string wire, EventFlags flags)
    {
        var message = Wire.Decoded(Wire.Bytes(wire));

        Assert.Equal("/home/a/b/c.txt", message.Path);
        Assert.Equal(flags, message.Flags);
    }

    [Fact]
    public void Rule_1_a_number_that_was_cut_is_not_taken_for_a_number()
    {
        var message = Wire.Decoded(Wire.Bytes("STR\n114\nUPLOAD\nu\n\n\ns\nc\n/f\n45"));

        Assert.Null(message.Bytes);
        Assert.Equal(["45"], message.BadNumbers);
        Assert.True(message.Flags.HasFlag(EventFlags.Truncated | EventFlags.BadNumber | EventFlags.Short));
    }

    [Theory]
    [InlineData(" 17", 17)]
    [InlineData("017", 17)]
    [InlineData("17 ", 17)]
    [InlineData("  8", 8)]
    [InlineData(" 8 ", 8)]
    [InlineData("999", 999)]
    public void Rule_2_the_length_may_be_padded_with_spaces_or_zeros_and_is_decimal(string places, int length) =>
        Assert.Equal(length, Wire.Decoded(Wire.Bytes($"STR\n{places}\nLOGIN\nu\n\n\ns\nc\n")).DeclaredLength);

    [Theory]
    [InlineData("STR\n   \nLOGIN\n", "length")]
    [InlineData("STR\n1 1\nLOGIN\n", "length")]
    [InlineData("STR\n-17\nLOGIN\n", "length")]
    [InlineData("STR\n0x1\nLOGIN\n", "length")]
    [InlineData("STR\n\t17\nLOGIN\n", "length")]
    [InlineData("STR\n1234LOGIN\n", "byte 7")]
    [InlineData("STR 017\nLOGIN\n", "STR")]
    [InlineData("str\n017\nLOGIN\n", "STR")]
    [InlineData("STR\n017", "7 bytes")]
    [InlineData("", "0 bytes")]
    [InlineData("STR\n  0\n", "type")]
    [InlineData("STR\n  0\n\0", "type")]
    [InlineData("STR\n  1\n\n", "type")]
    [InlineData("STR\n  2\n\nu\n", "type")]
    public void Rule_2_a_wrong_frame_is_refused_with_a_reason(string wire, string reason) =>
        Assert.Contains(reason, Wire.Refused(Wire.Bytes(wire)), StringComparison.Ordinal);

    [Fact]
    public void Rule_3_at_most_one_final_line_feed_goes_and_blank_tokens_keep_their_places()
    {
        var message = Wire.Decoded(Wire.Bytes("STR\n 20\nLISTING\n\n\n\n\n\n/d\nOK\n\n\n"));

        Assert.Equal("", message.User);
        Assert.Equal("/d", message.Path);
        Assert.Equal("", message.Pattern);
        Assert.Equal("", message.Recursion);
        Assert.False(message.Flags.HasFlag(EventFlags.Short));
        Assert.Null(Wire.Decoded(Wire.Bytes("STR\n 19\nLISTING\n\n\n\n\n\n/d\nOK\n\n")).Recursion);
    }

    [Fact]
    public void Rule_4_the_third_field_is_kept_without_a_meaning()
    {
        var bytes = Wire.Message("LOGIN", "u", "bogus", "", "s", "c");

        Assert.Equal("bogus", Wire.Decoded(bytes).Field3);
        Assert.Equal(["field3=bogus"], Wire.Event(bytes).Extra);
    }

    [Theory]
    [InlineData("ftp.example.org", "192.0.2.7")]
    [InlineData("", "2001:db8::1")]
    [InlineData("not a host!", "")]
    public void Rule_5_hosts_are_taken_as_they_come_and_may_be_swapped(string five, string six)
    {
        var bytes = Wire.Message("LOGIN", "u", "", "", five, six);

        Assert.Equal((five, six), (Wire.Event(bytes).Service, Wire.Event(bytes).RemoteHost));
        Assert.Equal((six, five), (Wire.Event(bytes, swapHosts: true).Service, Wire.Event(bytes, swapHosts: true).RemoteHost));
    }

    [Fact]
    public void Rule_6_an_unknown_type_is_kept_with_all_its_fields()
    {
        var bytes = Wire.Of("TELEPORT", "/a", "", "b");
        var e = Wire.Event(bytes);

        Assert.Equal(["/a", "", "b"], Wire.Decoded(bytes).Extra);
        Assert.Equal(EventFlags.UnknownType, e.Flags);
        Assert.Equal((EventKind.Other, "TELEPORT", "anonymous"), (e.Kind, e.Type, e.User));
        Assert.Equal(["/a", "", "b"], e.Extra);
    }

    [Theory]
    [InlineData("LIST", EventKind.List, "LIST")]
    [InlineData("LISTING", EventKind.List, null)]
    [InlineData("MKD", EventKind.Mkdir, "MKD")]
    [InlineData("MKDIR", EventKind.Mkdir, null)]
    [InlineData("RMD", EventKind.Rmdir, "RMD")]
    [InlineData("RMDIR", EventKind.Rmdir, null)]
    [InlineData("LINK", EventKind.Symlink, "LINK")]
    [InlineData("SYMLINK", EventKind.Symlink, null)]
    [InlineData("FAILEDAUTH", EventKind.LoginFailed, null)]
    [InlineData("Upload", EventKind.Upload, "Upload")]
    public void Rule_6_other_spellings_are_understood_and_kept(string type, EventKind kind, string? kept)
    {
        var e = Wire.Event(Wire.Of(type));
        Assert.Equal((kind, kept), (e.Kind, e.Type));
    }

    [Fact]
    public void Rule_7_surplus_tokens_are_kept_in_order()
    {
        var message = Wire.Decoded(Wire.Of("DOWNLOAD", [.. Wire.GoodTransfer, "O6yhKQPsAAEA", "-1", ""]));

        Assert.Equal(["O6yhKQPsAAEA", "-1", ""], message.Extra);
        Assert.Equal(EventFlags.ExtraFields, message.Flags);
    }

    [Theory]
    [InlineData(3, EventFlags.None)]
    [InlineData(4, EventFlags.ExtraFields)]
    public void Rule_7_blank_reserved_places_are_no_surplus(int blanks, EventFlags flags) =>
        Assert.Equal(flags, Wire.Decoded(Wire.Of("DELETE", ["/f", .. Enumerable.Repeat("", blanks)])).Flags);

    [Fact]
    public void Rule_8_absent_fields_are_null_and_flagged()
    {
        var emulated = Wire.Decoded(Wire.Of("UPLOAD", "/f", "12", "X", "X", "X", "OK"));
        Assert.Equal(("/f", 12, "OK"), (emulated.Path, emulated.Bytes, emulated.Status));
        Assert.Equal((null, null, null), (emulated.TransferType, emulated.Notes, emulated.StartedAt));
        Assert.Equal(EventFlags.Short | EventFlags.BadNumber, emulated.Flags);

        var bare = Wire.Decoded(Wire.Bytes("STR\n  6\nLOGIN\n"));
        Assert.Equal(("LOGIN", "", EventFlags.Short), (bare.Type, bare.User, bare.Flags));
    }

    [Theory]
    [InlineData(1, "many")]
    [InlineData(1, "12.5")]
    [InlineData(1, " 12")]
    [InlineData(1, "-2")]
    [InlineData(1, "9223372036854775808")]
    [InlineData(2, "1e400")]
    [InlineData(2, "NaN")]
    [InlineData(2, "Infinity")]
    [InlineData(2, "-0.5")]
    [InlineData(2, "1e9")]
    [InlineData(2, "0,020")]
    [InlineData(3, "fast")]
    [InlineData(8, "253402300799")]
    [InlineData(8, "9223372036854775807")]
    [InlineData(8, "-62135596801")]
    [InlineData(8, "2001-09-22")]
    public void Rule_9_a_bad_number_is_null_flagged_and_its_text_kept(int place, string token)
    {
        var bytes = Wire.Transfer(place, token);
        var message = Wire.Decoded(bytes);
        var e = Wire.Event(bytes);

        Assert.Equal(EventFlags.BadNumber, message.Flags);
        Assert.Equal([token], message.BadNumbers);
        Assert.Contains(token, e.Extra!);
        Assert.Equal(place == 1, e.Bytes is null);
        Assert.Equal(place == 2, e.Seconds is null);
        Assert.Equal(place == 8, e.EndedAt is null);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("")]
    public void Rule_9_minus_one_and_blank_mean_unknown(string token)
    {
        foreach (var place in new[] { 1, 2, 3, 8 })
            Assert.Equal((EventFlags.None, 0), (Wire.Decoded(Wire.Transfer(place, token)).Flags, Wire.Decoded(Wire.Transfer(place, token)).BadNumbers.Count));
    }

    [Fact]
    public void Rule_9_the_latest_start_and_the_longest_duration_still_have_an_end()
    {
        string[] fields = [.. Wire.GoodTransfer];
        fields[2] = "999999999.999";
        fields[8] = NcFtpdDecoder.LatestStart.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var e = Wire.Event(Wire.Of("UPLOAD", fields));

        Assert.Equal(EventFlags.None, e.Flags);
        Assert.Equal(9999, e.EndedAt!.Value.Year);
    }

    [Theory]
    [InlineData("to")]
    [InlineData("X")]
    [InlineData("")]
    public void Rule_10_anything_may_stand_between_two_paths(string middle)
    {
        foreach (var type in new[] { "RENAME", "SYMLINK" })
        {
            var message = Wire.Decoded(Wire.Of(type, "/old", middle, "/new"));
            Assert.Equal(("/old", middle, "/new", EventFlags.None), (message.Path, message.Middle, message.PathTo, message.Flags));
        }
    }

    [Fact]
    public void Rule_10_two_paths_alone_are_old_and_new_and_flagged()
    {
        var message = Wire.Decoded(Wire.Of("RENAME", "/old", "/new"));

        Assert.Equal(("/old", null, "/new"), (message.Path, message.Middle, message.PathTo));
        Assert.Equal(EventFlags.Ambiguous | EventFlags.Short, message.Flags);
    }

    [Fact]
    public void Rule_11_the_fields_of_a_logout_are_opaque()
    {
        var e = Wire.Event(Wire.Of("LOGOUT", "120", "3.5", "", "OK"));

        Assert.Equal(["120", "3.5", "", "OK"], e.Extra);
        Assert.Equal((EventKind.Logout, EventStatus.Ok, EventFlags.ExtraFields), (e.Kind, e.Status, e.Flags));
        Assert.Equal(EventFlags.None, Wire.Event(Wire.Of("LOGOUT")).Flags);
    }

    [Theory]
    [InlineData("/home/line\nfeed")]
    [InlineData("/two\nline\nfeeds")]
    public void Rule_12_a_line_feed_in_a_name_is_flagged_and_nothing_is_rejoined(string path)
    {
        var message = Wire.Decoded(Wire.Transfer(0, path));

        Assert.Equal(path[..path.IndexOf('\n', StringComparison.Ordinal)], message.Path);
        Assert.True(message.Flags.HasFlag(EventFlags.Ambiguous | EventFlags.ExtraFields));
    }

    [Fact]
    public void Rule_12_a_name_cannot_pretend_to_be_more_fields_unseen()
    {
        var message = Wire.Decoded(Wire.Transfer(0, "/f\n1\n1.000\n1.000\n\nOK\nI\n\n1001169129"));

        Assert.True(message.Flags.HasFlag(EventFlags.ExtraFields));
        Assert.Equal(8, message.Extra.Count);
    }

    [Fact]
    public void Rule_14_a_message_longer_than_three_digits_is_decoded_whole()
    {
        var path = "/" + new string('p', 3000);
        var message = Wire.Decoded(Wire.Bytes($"STR\n999\nDELETE\nu\n\n\ns\nc\n{path}\n"));

        Assert.Equal((path, EventFlags.LengthMismatch), (message.Path, message.Flags));
    }
}
