using System.Buffers;
using System.Text.Json;
using FtpActors.Protocol.NcFtpd;
using FtpActors.Protocol.Traffic;

namespace FtpActors.Protocol.Tests;

public class EventJsonTests
{
    [Fact]
    public void A_payload_comes_back_as_the_same_event_for_all_kinds_of_traffic()
    {
        foreach (var planned in TrafficPlan.Make(new TrafficOptions { Sessions = 200, Seed = 3 }).Messages)
            AssertRoundTrip(Wire.Event(planned.Bytes));
    }

    [Fact]
    public void A_payload_comes_back_with_every_field_set() => AssertRoundTrip(new FtpEvent
    {
        ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddMicroseconds(678901),
        Time = new DateTimeOffset(2026, 1, 2, 3, 4, 4, TimeSpan.Zero).AddMicroseconds(1),
        Kind = EventKind.Rename, Host = "h\"1", Service = "\\s", Source = "<src>", Session = "S1", User = "zoë", Email = "", RemoteHost = "::1",
        Path = "/a\u0001\\xFF", PathTo = "/b 😀", Bytes = long.MaxValue, Seconds = 0.1 + 0.2, Status = EventStatus.NotFound,
        Flags = (EventFlags)((1 << 11) - 1), Type = "MV", Extra = ["", "x", "\\\\"], Fingerprint = "abcdefghijklmnopqrstuv",
    });

    [Fact]
    public void A_message_is_shown_with_every_field_and_its_doubts()
    {
        var message = Wire.Decoded(Wire.Of("UPLOAD", "/f\u00FF", "many", "0.020", "227.408", "", "MAYBE", "I", "Ps", "1001169129", "more"));
        var output = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(output))
            NcFtpdJson.Write(json, message);

        Assert.Equal(
            """
            {"type":"UPLOAD","kind":"upload","user":"anonymous","field3":"","email":"a@localhost","host1":"loopback","host2":"localhost",
            "path":"/f\\xFF","middle":null,"path_to":null,"bytes":null,"seconds":0.02,"rate":227.408,"suffix":"","status":"MAYBE",
            "transfer_type":"I","notes":"Ps","started_at":"2001-09-22T14:32:09Z","pattern":null,"recursion":null,"mode":null,
            "bad_numbers":["many"],"extra":["more"],"declared_length":100,"flags":["extra_fields","bad_number","unknown_status"]}
            """.ReplaceLineEndings(""),
            System.Text.Encoding.UTF8.GetString(output.WrittenSpan));
    }

    internal static void AssertRoundTrip(FtpEvent e)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(output))
            EventJson.WritePayload(json, e);
        var back = EventJson.ReadPayload(output.WrittenSpan, e.ReceivedAt, e.Kind);

        Assert.Equal(e.Extra, back.Extra);
        Assert.Equal(e with { Extra = null }, back with { Extra = null });

        // Valid by the strict reader as well: the writer checks nothing itself.
        using var parsed = JsonDocument.Parse(output.WrittenMemory);
    }
}
