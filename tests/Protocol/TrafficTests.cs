using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Protocol.Tests;

public class TrafficTests
{
    private static readonly TrafficOptions Clean = new() { Sessions = 500, Seed = 11, Concurrency = 60 };
    private static readonly TrafficOptions Rough = Clean with { DuplicateShare = 0.1, ReorderMs = 150 };

    [Fact]
    public void The_same_seed_gives_the_same_bytes_at_the_same_times()
    {
        Assert.Equal(Digest(Rough), Digest(Rough));
        Assert.NotEqual(Digest(Rough), Digest(Rough with { Seed = 12 }));
        // Pinned: the figures of a seed must be the same on every machine and with every version of .NET.
        Assert.Equal("ED99F3E49A1429A2EC4F8CBE5DEE9310", Digest(Rough));
    }

    [Fact]
    public void Totals_agree_with_what_the_messages_say()
    {
        var plan = TrafficPlan.Make(Rough);
        var messages = plan.Messages.Select(m => m.Bytes).ToList();
        var distinct = messages.DistinctBy(Convert.ToHexString).Select(Wire.Decoded).ToList();
        var up = distinct.Where(m => m.Type == "UPLOAD").ToList();
        var down = distinct.Where(m => m.Type == "DOWNLOAD").ToList();

        Assert.All(distinct, m => Assert.Equal(EventFlags.None, m.Flags));
        Assert.Equal(
            new TrafficTotals(messages.Count, distinct.Count, distinct.Count(m => m.Type == "LOGIN"),
                up.Count(m => m.Status == "OK"), down.Count(m => m.Status == "OK"), up.Sum(m => m.Bytes!.Value), down.Sum(m => m.Bytes!.Value)),
            plan.Totals);
        Assert.Equal(500, plan.Totals.Sessions);
        Assert.InRange(messages.Count - distinct.Count, distinct.Count / 20, distinct.Count / 5);
        Assert.True(up.Count > plan.Totals.Uploads && down.Count > plan.Totals.Downloads, "some transfers fail");
    }

    [Fact]
    public void Totals_count_only_what_was_handed_out()
    {
        var plan = TrafficPlan.Make(Rough);
        Assert.Equal(100, plan.Messages.Take(100).Count());
        Assert.Equal(100, plan.Totals.Messages);
    }

    [Fact]
    public void Totals_are_written_under_their_documented_names()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(output))
            new TrafficTotals(1, 2, 3, 4, 5, 6, 7).Write(json);
        Assert.Equal("""{"messages":1,"distinct":2,"sessions":3,"uploads":4,"downloads":5,"bytes_up":6,"bytes_down":7}""",
            Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Offsets_never_go_back() =>
        Assert.All(Pairs(TrafficPlan.Make(Rough).Messages.ToList()), p => Assert.True(p.First.Offset <= p.Second.Offset));

    [Fact]
    public void Without_duplicates_no_message_is_sent_twice()
    {
        var messages = TrafficPlan.Make(Clean).Messages.Select(m => Convert.ToHexString(m.Bytes)).ToList();
        Assert.Equal(messages.Count, messages.Distinct().Count());
    }

    [Fact]
    public void Duplicates_follow_within_200_ms_and_displacements_within_their_window()
    {
        var turns = TrafficPlan.Make(Clean).Messages.ToDictionary(m => Convert.ToHexString(m.Bytes), m => m.Offset);
        var sent = TrafficPlan.Make(Rough).Messages.ToLookup(m => Convert.ToHexString(m.Bytes), m => m.Offset);

        Assert.Equal(turns.Count, sent.Count);
        Assert.Contains(Pairs([.. sent.Select(copies => turns[copies.Key])]), p => p.First > p.Second);
        Assert.Contains(sent, copies => copies.Count() == 2);
        Assert.Contains(sent, copies => copies.First() > turns[copies.Key]);
        foreach (var copies in sent)
        {
            Assert.InRange((copies.First() - turns[copies.Key]).TotalMilliseconds, 0, 150);
            Assert.InRange(copies.Count(), 1, 2);
            Assert.InRange((copies.Last() - copies.First()).TotalMilliseconds, copies.Count() - 1, 200);
        }
    }

    [Fact]
    public void A_session_logs_in_once_first_and_logs_out_once_last_and_has_its_identity_to_itself()
    {
        foreach (var session in BySession(Clean))
        {
            Assert.Equal("LOGIN", session[0].Message.Type);
            Assert.Equal("LOGOUT", session[^1].Message.Type);
            Assert.Equal(2, session.Count(m => m.Message.Type is "LOGIN" or "LOGOUT"));
            Assert.InRange(session.Count - 2, Clean.MinOps, Clean.MaxOps);
        }
        Assert.Equal(Clean.Sessions, BySession(Clean).Count);
    }

    [Fact]
    public void Messages_of_a_session_are_5_ms_apart_and_transfers_end_when_they_are_reported()
    {
        var options = Clean with { MeanGap = TimeSpan.FromMilliseconds(5), StartAt = new DateTimeOffset(2026, 5, 5, 5, 5, 5, 678, TimeSpan.Zero) };
        foreach (var session in BySession(options))
        {
            Assert.All(Pairs(session), p => Assert.True(p.Second.Offset - p.First.Offset >= TimeSpan.FromMilliseconds(5)));
            foreach (var (message, offset) in session.Where(m => m.Message.StartedAt is not null))
                Assert.Equal(0, (message.StartedAt!.Value.AddSeconds(message.Seconds!.Value) - (options.StartAt + offset)).TotalMilliseconds, 0.01);
        }
    }

    [Fact]
    public void Traffic_has_every_sort_of_name_and_outcome()
    {
        var messages = TrafficPlan.Make(Clean).Messages.Select(m => Wire.Decoded(m.Bytes)).ToList();
        foreach (var status in new[] { "OK", "ABOR", "INCOMPLETE", "ERROR", "PERM" })
            Assert.Contains(messages, m => m.Status == status);
        foreach (var part in new[] { " ", "\"", "'", "資", @"\xE9", @"\xFF", "$(" })
            Assert.Contains(messages, m => m.Path?.Contains(part, StringComparison.Ordinal) == true);
        foreach (var type in new[] { "LISTING", "DELETE", "RENAME", "MKDIR", "CHMOD" })
            Assert.Contains(messages, m => m.Type == type);
        Assert.Contains(messages, m => m.User == "anonymous" && m.Email.Contains('@', StringComparison.Ordinal));
    }

    [Fact]
    public void Options_out_of_range_are_refused_by_name()
    {
        Assert.Contains("DuplicateShare", Assert.Throws<ArgumentException>(() => TrafficPlan.Make(Clean with { DuplicateShare = 1.5 })).Message, StringComparison.Ordinal);
        Assert.Contains("Concurrency", Assert.Throws<ArgumentException>(() => TrafficPlan.Make(Clean with { Concurrency = 0 })).Message, StringComparison.Ordinal);
        Assert.Empty(TrafficPlan.Make(Clean with { Sessions = 0 }).Messages);
    }

    private static List<List<(NcFtpdMessage Message, TimeSpan Offset)>> BySession(TrafficOptions options) =>
    [
        .. TrafficPlan.Make(options).Messages.Select(m => (Message: Wire.Decoded(m.Bytes), m.Offset))
            .GroupBy(m => m.Message.Host2).Select(g => g.ToList()),
    ];

    private static IEnumerable<(T First, T Second)> Pairs<T>(IReadOnlyList<T> items) => items.Zip(items.Skip(1));

    private static string Digest(TrafficOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var message in TrafficPlan.Make(options).Messages)
        {
            hash.AppendData(message.Bytes);
            hash.AppendData(BitConverter.GetBytes(message.Offset.Ticks));
        }
        return Convert.ToHexString(hash.GetHashAndReset())[..32];
    }
}
