using System.Text.Json.Nodes;
using Akka.Configuration;
using FtpActors.Actors.Hocon;

namespace FtpActors.Actors.Tests;

/// <summary>A site's own <c>akka { ... }</c> is what its author wrote, also for Akka's reader.</summary>
public sealed class HoconPlainTests
{
    private const string Site = """
        timeout = 90s
        akka {
          loglevel = WARNING, actor { provider = cluster, deployment { "/a.b/*" { router = round-robin-pool, nr-of-instances = 3 } } }
          remote.dot-netty.tcp { hostname = "host:1", port = 0 }, cluster { seed-nodes = ["akka.tcp://ftp@a:1", "akka.tcp://ftp@b:2"], roles = [] }
          coordinated-shutdown.default-phase-timeout = ${timeout}
          extensions += "Some.Extension, Some"
          text = "quote \" backslash \\ line\nbreak } ${x} é # // , [", empty = ""
          on = true, half = 0.5
        }
        """;

    private static readonly JsonNode Akka = HoconText.Read("/f", Site, _ => null).Root["akka"]!;

    [Fact]
    public void Akka_reads_the_plain_text_as_what_it_is()
    {
        var config = ConfigurationFactory.ParseString(HoconText.Plain(new JsonObject { ["akka"] = Akka.DeepClone() }));
        Assert.Equal("WARNING", config.GetString("akka.loglevel"));
        Assert.Equal("cluster", config.GetString("akka.actor.provider"));
        Assert.Equal(3, config.GetInt("akka.actor.deployment.\"/a.b/*\".nr-of-instances"));
        Assert.Equal(("host:1", 0), (config.GetString("akka.remote.dot-netty.tcp.hostname"), config.GetInt("akka.remote.dot-netty.tcp.port", 7)));
        Assert.Equal(["akka.tcp://ftp@a:1", "akka.tcp://ftp@b:2"], config.GetStringList("akka.cluster.seed-nodes"));
        Assert.Empty(config.GetStringList("akka.cluster.roles"));
        Assert.Equal(TimeSpan.FromSeconds(90), config.GetTimeSpan("akka.coordinated-shutdown.default-phase-timeout"));
        Assert.Equal(["Some.Extension, Some"], config.GetStringList("akka.extensions"));
        Assert.Equal("quote \" backslash \\ line\nbreak } ${x} é # // , [", config.GetString("akka.text"));
        Assert.Equal("", config.GetString("akka.empty", "none"));
        Assert.True(config.GetBoolean("akka.on"));
        Assert.Equal(0.5, config.GetDouble("akka.half"));
    }

    [Fact]
    public void The_plain_text_reads_back_as_the_same_tree()
    {
        var tree = JsonNode.Parse("""{ "a b": [ [], {}, null, [ 1, "x" ], { "": 1e5 } ], "c.d": { "e": { "f": false } }, "g": "\u0001\t\"" }""")!;
        Assert.True(JsonNode.DeepEquals(tree, HoconText.Read("/f", HoconText.Plain(tree), _ => null).Root));
        Assert.True(JsonNode.DeepEquals(Akka, HoconText.Read("/f", HoconText.Plain(Akka), _ => null).Root));
    }
}
