using FtpActors.Actors.Logins;
using FtpActors.Actors;
using FtpActors.Actors.Rules;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Tests;

public sealed partial class ConfigurationTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_watch_and_an_OpenSSH_are_read_and_what_does_not_fit_is_said()
    {
        var c = Load("""
            { "sources": [ { "name": "ssh", "kind": "openssh-log", "forward": "/run/syslog" },
                           { "name": "drop", "kind": "watch", "path": "/srv/sftp/", "user": "/srv/sftp/{user}/**", "steady": "2s", "beside": ["ssh"] },
                           { "name": "pure", "kind": "pureftpd", "pipe": "/run/up.pipe" } ] }
            """);
        Assert.Equal(["/dev/log"], ((OpenSshSection)c.Sources[0]).Options.Sockets);
        var watch = ((WatchSection)c.Sources[1]).Options;
        Assert.Equal(("/srv/sftp", TimeSpan.FromSeconds(2), (TimeSpan?)null), (watch.Path, watch.Steady, watch.Poll));
        Assert.Equal(["pure"], watch.Silent);

        var journal = (OpenSshSection)Load("""{ "sources": [ { "name": "ssh", "kind": "openssh-log", "journal": true, "journal_folder": "/host/journal" } ] }""").Sources[0];
        Assert.Equal((true, "/host/journal", 0), (journal.Options.Journal, journal.Options.JournalFolder, journal.Options.Sockets.Count));

        string Problems(string sources) => Assert.Throws<ConfigurationException>(() => Load($$"""{ "sources": [ {{sources}} ] }""")).Message;
        Assert.Contains("\"drop\" is beside \"none\"", Problems("""{ "name": "drop", "kind": "watch", "path": "/srv", "beside": ["none"] }"""), StringComparison.Ordinal);
        Assert.Contains("folder to watch", Problems("""{ "name": "drop", "kind": "watch" }"""), StringComparison.Ordinal);
        Assert.Contains("{user} once", Problems("""{ "name": "drop", "kind": "watch", "path": "/srv", "user": "/srv/*" }"""), StringComparison.Ordinal);
        Assert.Contains("no file \"users\"", Problems("""{ "name": "drop", "kind": "watch", "path": "/srv", "user": "home" }"""), StringComparison.Ordinal);
        Assert.Contains("told twice", Problems("""{ "name": "ssh", "kind": "openssh-log", "sockets": ["/dev/log"], "file": "/var/log/auth.log" }"""), StringComparison.Ordinal);
        Assert.Contains("told twice", Problems("""{ "name": "ssh", "kind": "openssh-log", "journal": true, "sockets": ["/dev/log"] }"""), StringComparison.Ordinal);
        Assert.Contains("told twice", Problems("""{ "name": "ssh", "kind": "openssh-log", "journal": true, "file": "/var/log/auth.log" }"""), StringComparison.Ordinal);
        Assert.Contains("is for \"journal\": true", Problems("""{ "name": "ssh", "kind": "openssh-log", "journal_folder": "/host/var/log/journal" }"""), StringComparison.Ordinal);
        Assert.Contains("nothing to read", Problems("""{ "name": "ssh", "kind": "openssh-log", "sockets": [] }"""), StringComparison.Ordinal);
        Assert.Contains("come back", Problems("""{ "name": "ssh", "kind": "openssh-log", "sockets": ["/dev/log"], "forward": "/dev/log" }"""), StringComparison.Ordinal);
        Assert.Contains("chroots", Problems("""{ "name": "ssh", "kind": "openssh-log", "chroots": { "a": 1 } }"""), StringComparison.Ordinal);
    }

    [Fact]
    public void The_shipped_file_is_valid_and_paths_are_relative_to_it()
    {
        var file = _scratch.Write("single.conf", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "single.conf")));
        var c = NodeConfiguration.Load(file, new Dictionary<string, string>());

        Assert.Equal("ftp1", c.Node.Name);
        Assert.Equal(Path.Combine(_scratch.Folder, "var"), c.Node.Data);
        Assert.Equal(2, c.Journal.Shards);
        Assert.Equal(new ShardOptions(), c.Handler);
        Assert.Equal(["ncftpd", "ncftpd-udp"], c.Sources.Select(s => s.Name));
        Assert.Equal(0x78C0FFEEu, Assert.IsType<NcFtpdQueueSection>(c.Sources[0]).Options.Key.Value);
    }

    [Fact]
    public void A_source_of_Pure_FTPd_needs_something_to_read()
    {
        var c = Load("""{ "sources": [ { "name": "pure", "kind": "pureftpd", "pipe": "/run/up.pipe" } ] }""");
        var options = Assert.IsType<PureFtpdSection>(Assert.Single(c.Sources)).Options;
        Assert.Equal(("/run/up.pipe", 1 << 20, 0u), (options.Pipe, options.PipeBytes, options.Owner));

        var e = Assert.Throws<ConfigurationException>(() => Load("""{ "sources": [ { "name": "pure", "kind": "pureftpd" } ] }"""));
        Assert.Contains("upload pipe", e.Message, StringComparison.Ordinal);

        c = Load("""{ "sources": [ { "name": "pure", "kind": "pureftpd", "pipe": null, "scoreboard": "/run/pure-ftpd", "poll": "2s", "trust_end": true } ] }""");
        options = Assert.IsType<PureFtpdSection>(Assert.Single(c.Sources)).Options;
        Assert.Equal((null, "/run/pure-ftpd", null, TimeSpan.FromSeconds(2), true), (options.Pipe, options.Scoreboard, options.Altlog, options.Poll, options.TrustEnd));
        e = Assert.Throws<ConfigurationException>(() => Load("""{ "sources": [ { "name": "pure", "kind": "pureftpd", "altlog": "/var/log/pure", "poll_login": "1ms" } ] }"""));
        Assert.Contains("poll_login", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sources_of_ProFTPD_say_what_they_need_and_show_no_secret()
    {
        var c = Load("""
            { "sources": [ { "name": "pro", "kind": "proftpd-kafka", "brokers": "a:9092,b:9092", "topics": ["t"], "librdkafka": { "sasl.username": "u", "fetch.max.bytes": 5 } },
                           { "name": "log", "kind": "proftpd-log", "fifo": "/run/x.fifo" }, { "name": "x", "kind": "xferlog", "file": "/var/log/xferlog" } ] }
            """);
        var kafka = Assert.IsType<ProftpdKafkaSection>(c.Sources[0]).Options;
        Assert.Equal(("ftpactors", "u", "5"), (kafka.Group, kafka.Properties["sasl.username"], kafka.Properties["fetch.max.bytes"]));
        Assert.Equal([("/run/x.fifo", null, false), (null, "/var/log/xferlog", true)], c.Sources.Skip(1).Cast<ProftpdLogSection>().Select(s => (s.Options.Fifo, s.Options.File, s.Options.IsXferlog)));
        foreach (var (source, said) in new[]
        {
            ("\"kind\": \"proftpd-kafka\", \"topics\": [\"t\"]", "brokers"), ("\"kind\": \"proftpd-kafka\", \"brokers\": \"a:9092\"", "topics"),
            ("\"kind\": \"proftpd-kafka\", \"brokers\": \"a:b\", \"topics\": [\"t\"]", "brokers"),
            ("\"kind\": \"proftpd-kafka\", \"brokers\": \"a\", \"topics\": [\"t\"], \"librdkafka\": { \"group.id\": \"topsecret\" }", "group.id"),
            ("\"kind\": \"proftpd-log\"", "FIFO"), ("\"kind\": \"xferlog\", \"file\": \"a\", \"fifo\": \"b\"", "one of the two"), ("\"kind\": \"xferlog\", \"file\": \"a\", \"hold\": \"1s\"", "hold"),
        })
        {
            var e = Assert.Throws<ConfigurationException>(() => Load($$"""{ "sources": [ { "name": "pro", {{source}} } ] }"""));
            Assert.Contains(said, e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("topsecret", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_published_is_rules_that_need_a_section_kafka_with_their_format()
    {
        var c = Load("""{ "kafka": { "brokers": "k:9092", "formats": { "s": ["user", "command"] } }, "publish": [ { "events": ["login", "session_end"], "format": "s", "topic": "t" } ] }""");
        var rule = Assert.Single(c.Rules.Rules.Rules);
        Assert.Equal(("publish-0", new KafkaAction("t", "s", TimeSpan.FromSeconds(30))), (rule.Name, rule.Actions[0]));
        Assert.Equal([TriggerKind.Login, TriggerKind.SessionEnd], rule.On);
        foreach (var (text, said) in new[]
        {
            ("""{ "publish": [ { "events": ["login"], "topic": "t" } ] }""", "name the brokers"),
            ("""{ "kafka": { "brokers": "k" }, "publish": [ { "events": ["login"], "topic": "t", "format": "x" } ] }""", "no format \"x\""),
            ("""{ "kafka": { "brokers": "k" }, "publish": [ { "events": ["nothing"], "topic": "t" } ] }""", "must be a list of"),
            ("""{ "kafka": { "brokers": "k", "formats": { "s": ["nofield"] } } }""", "each one of"),
            ("""{ "rules": [ { "name": "r", "on": ["upload"], "actions": [ { "kafka": { "topic": "t" } } ] } ] }""", "name the brokers"),
            ("""{ "kafka": { "brokers": "k", "librdkafka": { "acks": "1" } } }""", "acks"),
        })
            Assert.Contains(said, Assert.Throws<ConfigurationException>(() => Load(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_object_has_all_defaults()
    {
        var c = Load("{}");
        Assert.Equal("127.0.0.1:9110", c.Node.Listen.ToString());
        Assert.True(c.Node.Ingest && c.Node.Handler);
        Assert.Empty(c.Sources);
    }

    [Fact]
    public void One_report_has_every_problem_with_key_value_and_what_is_allowed()
    {
        var e = Assert.Throws<ConfigurationException>(() => Load("""
            {
              "node": { "listne": "127.0.0.1:1", "listen": "nowhere", "roles": ["cook"] },
              "journal": { "kind": "oracle", "shards": 0 },
              "retention": { "events": "1s" },
              "handler": { "idle_limit": "soon" },
              "sources": [
                { "name": "a", "kind": "ncftpd-mqueue", "key": "0", "mode": "999" },
                { "name": "a", "kind": "ncftpd-udp", "allow": ["my friend"] },
                { "name": "b", "kind": "smoke" } ],
              "surprise": 1
            }
            """));

        Assert.Equal(
            ["handler.idle_limit", "journal.kind", "journal.shards", "node.listen", "node.listne", "node.roles", "retention.events", "sources.0.key", "sources.0.mode",
             "sources.1.allow", "sources.1.name", "sources.2.kind", "surprise"],
            e.Problems.Select(p => p.Key).Order(StringComparer.Ordinal));
        var shards = e.Problems.Single(p => p.Key == "journal.shards");
        Assert.Equal("0", shards.Value);
        Assert.Contains("from 1 to 1024", shards.Remedy, StringComparison.Ordinal);
        Assert.EndsWith("test.conf", shards.Origin, StringComparison.Ordinal);
        Assert.Contains("Did you mean \"listen\"?", e.Problems.Single(p => p.Key == "node.listne").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_environment_overrides_single_keys_and_entries_of_lists()
    {
        var c = Load("""{ "sources": [ { "name": "q", "kind": "ncftpd-mqueue", "key": "1" } ] }""",
            ("FTPACTORS__node__listen", "127.0.0.1:9200"), ("FTPACTORS__journal__shards", "4"), ("FTPACTORS__node__roles", "ingest"),
            ("FTPACTORS__sources__0__key", "0x1234"), ("FTPACTORS__sources__0__swap_hosts", "true"));

        Assert.Equal(9200, c.Node.Listen.Port);
        Assert.Equal(4, c.Journal.Shards);
        Assert.False(c.Node.Handler);
        var queue = Assert.IsType<NcFtpdQueueSection>(Assert.Single(c.Sources));
        Assert.Equal(0x1234u, queue.Options.Key.Value);
        Assert.True(queue.SwapHosts);
    }

    [Fact]
    public void A_bad_override_is_reported_with_the_name_of_its_variable()
    {
        var e = Assert.Throws<ConfigurationException>(() => Load("{}", ("FTPACTORS__journal__shards", "many"), ("FTPACTORS__sources__7__key", "1")));
        Assert.Contains(e.Problems, p => p.Origin == "FTPACTORS__journal__shards" && p.Value == "\"many\"");
        Assert.Contains(e.Problems, p => p.Origin == "FTPACTORS__sources__7__key");
    }

    [Fact]
    public void Limits_on_sessions_are_read_in_their_order()
    {
        var authd = Load("""
            { "node": { "roles": ["authd"] },
              "authd": { "fail": "closed", "answer": "250ms", "limits": [ { "user": "admin" }, { "user": "G*", "max": 2, "max_per_address": 0 } ],
                         "check": { "exec": ["/bin/true", "x"] } } }
            """).Authd;

        Assert.Equal((false, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10)), (authd.FailOpen, authd.Answer, authd.Lease));
        Assert.Null(authd.Limits.Of("admin"));
        Assert.Equal(new SlotLimits(2, null, 0), authd.Limits.Of("guest"));
        Assert.Equal(["/bin/true", "x"], authd.Check!.Exec);
    }

    [Fact]
    public void Limits_that_cannot_be_meant_are_reported_with_their_keys()
    {
        var e = Assert.Throws<ConfigurationException>(() => Load("""
            { "authd": { "lease": "1s", "fail": "half", "limits": [ { "user": "[a", "max": -1 }, { "max": 3, "maximum": 4 } ], "check": { "exec": ["true"] } } }
            """));
        Assert.Equal(
            ["authd.check.exec", "authd.fail", "authd.lease", "authd.limits.0.max", "authd.limits.0.user", "authd.limits.1.maximum", "authd.limits.1.user"],
            e.Problems.Select(p => p.Key).Order(StringComparer.Ordinal));

        e = Assert.Throws<ConfigurationException>(() => Load("""{ "node": { "roles": ["authd"] } }"""));
        Assert.Equal("authd.limits", Assert.Single(e.Problems).Key);
    }

    [Fact]
    public void A_number_as_text_in_the_file_is_an_error() =>
        Assert.Throws<ConfigurationException>(() => Load("""{ "journal": { "shards": "16" } }"""));

    [Theory]
    [InlineData("{ \"node\": ", "is not HOCON at line 1, column 11: \"node\" has no value")]
    [InlineData("node { name = \"ftp1 }\n", "is not HOCON at line 1, column 15: this quote is not closed")]
    [InlineData("node.name = ${NAME}", "is not HOCON at line 1, column 13: ${NAME} is set neither here nor in the environment")]
    [InlineData("[]", "must be one object")]
    public void A_file_that_is_no_object_is_named_with_the_reason(string text, string reason)
    {
        var e = Assert.Throws<ConfigurationException>(() => Load(text));
        Assert.Contains("test.conf", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_HOCON_with_comments_parts_in_other_files_and_values_that_are_named_once()
    {
        _scratch.Write("common.conf", "journal.shards = 4\nnode { weight = 7, log_level = debug }");
        var c = Load("""
            # one
            include "common.conf"
            node { name = ftp1, listen = "127.0.0.1:9200" }   // two
            handler { idle_limit = 2h, reorder_window = 0.5s }
            sources += { name = a, kind = ncftpd-udp, listen = ${node.listen} }
            """);

        Assert.Equal((4, "ftp1"), (c.Journal.Shards, c.Node.Name));
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromMilliseconds(500)), (c.Handler.IdleLimit, c.Handler.ReorderWindow));
        Assert.Equal(9200, Assert.IsType<NcFtpdUdpSection>(Assert.Single(c.Sources)).Options.Listen.Port);
    }

    [Fact]
    public void A_variable_that_the_file_names_may_stand_for_a_number_a_flag_or_a_list_and_is_named_when_it_is_wrong()
    {
        const string text = """
            node { name = n1, name = ${?NAME}, roles = ${?ROLES} }
            journal { shards = 16, shards = ${?SHARDS} }
            sources = [ { name = q, kind = ncftpd-mqueue, key = "1", swap_hosts = ${?SWAP} } ]
            """;
        var c = Load(text, ("SHARDS", "4"), ("ROLES", "ingest"), ("SWAP", "true"), ("NAME", "007"));
        Assert.Equal((4, false, "007"), (c.Journal.Shards, c.Node.Handler, c.Node.Name));
        Assert.True(Assert.IsType<NcFtpdQueueSection>(Assert.Single(c.Sources)).SwapHosts);
        Assert.Equal((16, true, "n1"), (Load(text).Journal.Shards, Load(text).Node.Handler, Load(text).Node.Name));

        var e = Assert.Throws<ConfigurationException>(() => Load(text, ("SHARDS", "many")));
        Assert.Contains(e.Problems, p => p is { Origin: "SHARDS", Key: "journal.shards", Value: "\"many\"" });
    }

    [Fact]
    public void A_sites_own_settings_of_Akka_are_kept_as_they_are()
    {
        Assert.Null(Load("{}").Akka);
        Assert.Equal("""{"loglevel":"DEBUG","cluster":{"roles":["a"]}}""", Load("akka { loglevel = DEBUG, cluster.roles = [a] }").Akka!.ToJsonString());
        var e = Assert.Throws<ConfigurationException>(() => Load("akka = 1"));
        Assert.Contains("akka { ... }", Assert.Single(e.Problems).Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void What_differs_between_two_readings_is_found_by_key()
    {
        var file = _scratch.Write("a.conf", """{ "sources": [ { "name": "u", "allow": ["10.0.0.1", "10.0.0.2"] } ] }""");
        var leaves = ConfigTree.Load(file, new Dictionary<string, string>()).Flatten();
        Assert.Equal("""["10.0.0.1","10.0.0.2"]""", leaves["sources.0.allow"]);
        Assert.Equal("\"u\"", leaves["sources.0.name"]);
    }

    private NodeConfiguration Load(string text, params (string Name, string Value)[] environment) =>
        NodeConfiguration.Load(_scratch.Write("test.conf", text), environment.ToDictionary(e => e.Name, e => e.Value));
}
