using FsCheck;
using FsCheck.Fluent;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

public sealed class RulesFileTests
{
    private const string Example = """
        // the example of the issue
        [ { "name": "new-video", "on": ["upload"], "status": ["ok"], "path": ["*.avi", "/incoming/**"], "user": ["*"], "not_user": [], "service": [], "host": [],
            "min_bytes": 1, "max_bytes": null, "where": "on-host", "order": "session",
            "actions": [ { "exec": ["/usr/local/bin/convert", "{{path}}"], "timeout": "10m", "env": {} },
                         { "mail": { "to": "{{user_info.email}}", "subject": "…", "body_file": "mail/new-video.hbs" } } ],
            "retry": { "attempts": 10, "first": "2s", "max": "10m" }, "on_failure": [ { "file": "/var/log/failed.jsonl" } ], }, ]
        """;

    [Fact]
    public void For_a_word_that_comes_too_late_and_for_a_temporary_name_no_rule_fires()
    {
        var rules = RuleFile.Parse("""[ { "name": "r", "on": ["upload", "rename"], "actions": [ { "file": "/tmp/x" } ] } ]""", "rules.conf").Rules!;
        var (upload, rename) = (Play.Event(EventKind.Upload, 0, path: "/a"), Play.Event(EventKind.Rename, 0, path: "/a") with { PathTo = "/b" });
        Assert.Equal((1, 1), (rules.Match(upload).Count, rules.Match(rename).Count));
        Assert.Empty(rules.Match(upload with { Flags = EventFlags.Late }));
        Assert.Empty(rules.Match(rename with { Flags = EventFlags.Late }));
        Assert.Empty(rules.Match(upload with { Flags = EventFlags.Temporary }));
    }

    [Fact]
    public void The_example_of_the_documentation_is_read_whole()
    {
        var (rules, problems) = RuleFile.Parse(Example, "/etc/ftpactors/rules.conf");
        Assert.Empty(problems);
        var rule = Assert.Single(rules!.Rules);
        Assert.Equal(RulePlace.OnHost, rule.Where);
        Assert.Equal("/etc/ftpactors/mail/new-video.hbs", Assert.IsType<MailAction>(rule.Actions[1]).BodyFile);
        Assert.Equal(TimeSpan.FromMinutes(10), rule.Actions[0].Timeout);
        Assert.Same(rule, rules.Find("new-video"));
        Assert.NotNull(RuleFile.Parse($"{{ \"rules\": {Example} }}", "r").Rules);
    }

    [Theory]
    [InlineData("1.5h", 5400)]
    [InlineData("500ms", 0.5)]
    public void A_time_is_written_as_everywhere_else(string text, double seconds)
    {
        var (rules, problems) = RuleFile.Parse($$"""[ { "name": "a", "on": ["upload"], "actions": [ { "exec": ["/bin/true"] } ], "retry": { "max": "{{text}}", "first": "500ms" } } ]""", "r");
        Assert.Empty(problems);
        Assert.Equal(seconds, rules!.Rules[0].Retry.Max.TotalSeconds, 6);
    }

    [Fact]
    public void The_sample_of_the_package_is_read_whole()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "FtpActors.sln")))
            folder = Path.GetDirectoryName(folder)!;
        var file = Path.Combine(folder, "hocon", "rules.conf");
        var (rules, problems) = RuleFile.Parse(File.ReadAllText(file), file);
        Assert.Empty(problems);
        Assert.NotEmpty(rules!.Rules);
    }

    [Fact]
    public void One_report_has_every_problem_with_file_key_value_and_range()
    {
        const string bad = """
            [ { "name": "a b", "on": ["uplaod"], "pth": "*", "path": "[a", "min_bytes": -1, "parallel": 0, "retry": { "attempts": 0 },
                "actions": [ { "exec": ["true", "{{pathh}}"], "timeout": "10 minutes" }, { "mial": {} } ] },
              { "name": "x", "on": "upload", "actions": [ { "file": "/x" } ] }, { "name": "y", "name": "x", "on": [], "actions": [] } ]
            """;
        var (rules, problems) = RuleFile.Parse(bad, "rules.conf");
        Assert.Null(rules);
        var report = string.Join('\n', problems);
        foreach (var expected in new[]
        {
            "rules.conf: rules[0].name: \"a b\"", "rules[0].on[0]: \"uplaod\" is not allowed (did you mean 'upload'?)", "rules[0].pth: unknown key (did you mean 'path'?)",
            "rules[0].path: \"[a\"", "rules[0].min_bytes: -1 is not allowed; a whole number from 0", "rules[0].parallel: 0 is not allowed; a whole number from 1 to 1000",
            "rules[0].retry.attempts: 0", "rules[0].actions[0].exec[0]: \"true\"", "rules[0].actions[0].exec[1]: {{pathh}}", "rules[0].actions[0].timeout: \"10 minutes\"",
            "rules[0].actions[1]: which action?", "rules.conf: line 3, column 84: name: given twice", "rules[2].name: \"x\" is also the name of rules[1]", "rules[2].on", "rules[2].actions",
        })
        {
            Assert.Contains(expected, report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Rules_are_HOCON_and_those_from_elsewhere_are_told_nothing_of_this_machine()
    {
        const string text = """
            # what was uploaded
            rules += { name = home, on = [upload], path = "*.avi", actions = [ { exec = [/bin/true, ${HOME}] } ], retry.first = 500ms }
            """;
        var (rules, problems) = RuleFile.Parse(text, "r");
        Assert.Empty(problems);
        Assert.Equal(TimeSpan.FromMilliseconds(500), Assert.Single(rules!.Rules).Retry.First);

        Assert.Contains("${HOME} is set neither", Assert.Single(RuleFile.Parse(text, "r", foreign: true).Problems), StringComparison.Ordinal);
        Assert.Contains("nothing can be included", Assert.Single(RuleFile.Parse("include \"/etc/passwd\"", "r", foreign: true).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        var words = Gen.Elements("{", "}", "[", "]", ",", ":", "\"name\"", "\"on\"", "\"actions\"", "\"exec\"", "\"mail\"", "\"webhook\"", "null", "1e999", "true", "\"\\ud800\"", "\"{{#each\"", "//x\n");
        Prop.ForAll(words.ListOf().ToArbitrary(), parts =>
        {
            var (rules, problems) = RuleFile.Parse(string.Concat(parts), "f");
            return rules is null == problems.Count > 0;
        }).QuickCheckThrowOnFailure();
        var whole = from w in Gen.Elements("null", "1e999", "true", "\"\\ud800\"", "{}", "[[]]", "[null]", "\"{{#each x}}\"")
                    from key in Gen.Elements("name", "on", "path", "actions", "retry", "on_failure", "min_bytes", "parallel", "user")
                    select $"[{{\"{key}\": {w}, \"actions\": [{{\"exec\": {w}, \"env\": {w}}}, {{\"mail\": {w}}}, {{\"webhook\": {w}}}, {{\"file\": {w}}}]}}]";
        Prop.ForAll(whole.ToArbitrary(), text => RuleFile.Parse(text, "f").Problems.Count > 0).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_wait_is_spread_from_nothing_to_a_doubling_ceiling()
    {
        var policy = new RetryPolicy(10, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10));
        Assert.Equal([2, 4, 8, 16], Enumerable.Range(1, 4).Select(n => policy.Ceiling(n).TotalSeconds));
        Assert.Equal(policy.Max, policy.Ceiling(1000));
        Assert.Equal(TimeSpan.Zero, policy.Delay(3, 0));
        Assert.Equal(TimeSpan.FromSeconds(4), policy.Delay(3, 0.5));
        Assert.Equal(TimeSpan.FromHours(1), policy.Delay(3, 0.5, TimeSpan.FromHours(1)));
        Assert.True(policy.HasNext(9));
        Assert.False(policy.HasNext(10));
    }

    [Fact]
    public void A_session_end_tells_the_files_that_fit_and_only_those()
    {
        var (rules, _) = RuleFile.Parse("""[ { "name": "batch", "on": ["session_end"], "path": "*.xml", "actions": [ { "file": "/x" } ] } ]""", "r");
        var now = DateTimeOffset.UnixEpoch;
        var session = new SessionRecord { Id = "a-1", Key = new SessionKey("h", "s", "bob", "r", ""), OpenedAt = now, Began = SessionBegan.Login, User = "bob" };
        SessionFile[] files = [new(EventKind.Upload, "/a.xml", 1, EventStatus.Ok, now), new(EventKind.Upload, "/a.txt", 1, EventStatus.Ok, now)];
        var rule = Assert.Single(rules!.MatchSession(session, SessionTrigger.End, files));
        Assert.Empty(rules.MatchSession(session, SessionTrigger.End, files[1..]));
        var facts = Facts.OfSession(session, SessionTrigger.End, rule.FilesOf(files));
        Assert.Equal(1L, Facts.Parse(facts.Json.Span).Values["file_count"]);
    }

    [Fact]
    public void Nothing_is_allocated_when_no_rule_fits()
    {
        var rules = RuleFile.Parse(Example, "r").Rules!;
        var e = new FtpEvent { Kind = EventKind.Upload, ReceivedAt = DateTimeOffset.UnixEpoch, Host = "h", Source = "s", Status = EventStatus.Ok, Bytes = 5, Path = "/outgoing/é/file.txt", User = "bob" };
        var hits = rules.Match(e).Count;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            hits += rules.Match(e).Count;
        Assert.Equal((0, 0L), (hits, GC.GetAllocatedBytesForCurrentThread() - before));
    }
}
