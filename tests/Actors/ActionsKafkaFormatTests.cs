using System.Text;
using FtpActors.Actors.Actions.Kafka;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>What a message to Kafka has in it.</summary>
public sealed class ActionsKafkaFormatTests
{
    [Fact]
    public void A_named_format_has_the_keys_of_mod_kafka_in_its_order_and_leaves_out_what_is_not_known()
    {
        var format = new KafkaFormat(["user", "command", "file", "rename_from", "bytes_sent", "transfer_status", "epoch", "microsecs", "anon_password", "delivery_key"]);
        Assert.Equal(
            """{"user":"bob","command":"STOR","file":"/a \"b\".bin","bytes_sent":5,"transfer_status":"success","epoch":0,"microsecs":0,"delivery_key":"up/1-7"}""",
            Encoding.UTF8.GetString(format.Write(ActionsFacts.Upload("/a \"b\".bin"), "up/1-7")));
    }

    [Fact]
    public void Of_a_rename_the_file_is_the_new_name()
    {
        var rename = Event(EventKind.Rename, 0, path: "/old") with { PathTo = "/new" };
        var facts = Facts.OfEvent(new StoredEvent("0123456789abcdef", 7, rename), "0123456789abcdef-1");
        Assert.Equal("""{"command":"RNTO","rename_from":"/old","file":"/new"}""", Encoding.UTF8.GetString(new KafkaFormat(["command", "rename_from", "file"]).Write(facts, "k")));
    }

    [Fact]
    public void The_format_all_is_the_facts_as_they_are()
    {
        var facts = ActionsFacts.Upload("/a");
        Assert.Equal(facts.Json.ToArray(), KafkaFormat.All.Write(facts, "k"));
        Assert.Contains("transfer_status", KafkaFormat.Known);
        Assert.Contains("remote_host", KafkaFormat.Known);
    }
}
