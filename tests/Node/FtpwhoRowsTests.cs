using FtpActors.Actors;
using System.Buffers;
using System.Text.Json;
using FtpActors.Node.Text;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Node.Tests;

public sealed class FtpwhoRowsTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1795221025);

    [Theory]
    [InlineData(SessionState.Downloading)]
    [InlineData(SessionState.Uploading)]
    [InlineData(SessionState.Idle)]
    public void A_session_of_the_scoreboard_has_the_row_that_its_file_has(SessionState state)
    {
        var entry = new ScoreboardEntry
        {
            State = state switch { SessionState.Downloading => ScoreboardState.Download, SessionState.Uploading => ScoreboardState.Upload, _ => ScoreboardState.Idle },
            Pid = 27714, StartedAt = Start, TransferStartedAt = Start.AddSeconds(1), RestartAt = 4000000, CurrentSize = 4196608, TotalSize = 8388608,
            Account = @"bob|\xFF", File = state == SessionState.Idle ? "" : "big.bin",
            Peer = new(System.Net.IPAddress.Parse("2001:db8::7"), 50001), Local = new(System.Net.IPAddress.Parse("2001:db8::1"), 2421),
        };
        var session = Session(entry.Session, state);
        (session.User, session.RemoteHost, session.Local, session.Path) = (entry.Account, "2001:db8::7", "[2001:db8::1]:2421", "big.bin");
        if (state != SessionState.Idle)
            (session.RestartAt, session.BytesNow, session.BytesTotal, session.TransferStartedAt) = (4000000, 4196608, 8388608, Start.AddSeconds(1));

        var now = Start.AddSeconds(6.9);
        var theirs = FtpwhoRow.Of(entry, now)!;
        // The original keeps the place of the last transfer, and prints it nowhere while idle.
        Assert.Equal(state == SessionState.Idle ? theirs with { RestartAt = 0 } : theirs, Row(session, now));
    }

    [Fact]
    public void What_a_source_does_not_say_is_0_or_empty_and_the_local_host_is_the_host_s_name()
    {
        var session = Session("", SessionState.Uploading);
        session.Rate = 1500.7;
        var expected = new FtpwhoRow
        {
            Account = "?", Seconds = 9, State = ScoreboardState.Upload, LocalHost = "ftp1", BytesPerSecond = 1500,
        };
        // Opened, as we saw it, three seconds after the server's own start.
        Assert.Equal(expected, Row(session, Start.AddSeconds(12)));
    }

    [Fact]
    public void A_text_is_cut_to_the_cells_of_a_terminal_and_no_character_is_split()
    {
        Assert.Equal("ab", Visible.Cut("abc", 2));
        Assert.Equal("a日", Visible.Cut("a日本", 4));
        Assert.Equal("𝄞", Visible.Cut("𝄞𝄞", 1));
        Assert.Equal("abc", Visible.Cut("abc", 3));
        Assert.Equal("", Visible.Cut("abc", 0));
    }

    private static SessionRecord Session(string id, SessionState state) => new()
    {
        Id = "a-1", Key = new SessionKey("ftp1", "", "", "", id), OpenedAt = Start.AddSeconds(3), LastAt = Start, Began = SessionBegan.Login, State = state,
    };

    private static FtpwhoRow Row(SessionRecord session, DateTimeOffset now)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
            SessionJson.Write(json, session);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return FtpwhoRows.Of(document.RootElement, now);
    }
}
