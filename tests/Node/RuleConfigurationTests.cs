using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Tests;

public sealed class RuleConfigurationTests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Rules_of_a_file_and_rules_in_place_are_the_same()
    {
        const string rules = """[ { "name": "up", "on": ["upload"], "actions": [ { "file": "/tmp/up.jsonl" } ] } ]""";
        _scratch.Write("rules.conf", rules);
        Assert.Equal("up", Assert.Single(Load("""{ "rules": "rules.conf" }""").Rules.Rules.Rules).Name);
        Assert.Equal("up", Assert.Single(Load($$"""{ "rules": {{rules}} }""").Rules.Rules.Rules).Name);
        Assert.Empty(Load("{}").Rules.Rules.Rules);
    }

    [Fact]
    public void Rules_have_changed_when_a_file_that_they_include_has()
    {
        _scratch.Write("rules.conf", "rules = [ { include \"up.conf\", actions = [ { file = /tmp/up.jsonl } ] } ]  # first");
        _scratch.Write("up.conf", "name = up, on = [upload]");
        var before = Load("rules = rules.conf").Rules.Rules.Text;
        _scratch.Write("rules.conf", "rules = [ { include \"up.conf\", actions = [ { file = /tmp/up.jsonl } ] } ]");
        Assert.Equal(before, Load("rules = rules.conf").Rules.Rules.Text);
        _scratch.Write("up.conf", "name = up, on = [upload, download]");
        Assert.NotEqual(before, Load("rules = rules.conf").Rules.Rules.Text);
    }

    [Fact]
    public void One_report_has_the_problems_of_the_configuration_and_of_the_files_it_names()
    {
        _scratch.Write("users.csv", "name,email\n");
        var rules = _scratch.Write("rules.conf", """
            { "rules": [
              { "name": "up", "on": ["uplaod"], "actions": [ { "exec": ["convert"] } ] },
              { "name": "up", "on": ["upload"], "actions": [] } ] }
            """);
        var e = Assert.Throws<ConfigurationException>(() => Load("""
            { "rules": "rules.conf", "users": "users.csv", "actions": { "parallel": 0 }, "handler": { "backlog_limit": 0 },
              "mail": { "host": "mail.example.org", "from": "not an address", "user": "me" } }
            """));

        var report = e.Message;
        foreach (var part in new[]
            { $"{rules}: rules[0].on", $"{rules}: rules[0].actions[0].exec", $"{rules}: rules[1].actions", "users.csv: line 1: there is no field login",
              "actions.parallel = 0", "handler.backlog_limit = 0", "mail.from", "mail.user" })
        {
            Assert.Contains(part, report, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_sender_may_have_a_name_and_a_users_text_is_shown_as_it_was_written()
    {
        const string configuration = """{ "mail": { "host": "mail.example.org", "from": "FROM" }, "rules": RULES }""";
        string With(string from, string rules = "[]") => configuration.Replace("FROM", from, StringComparison.Ordinal).Replace("RULES", rules, StringComparison.Ordinal);
        Assert.Equal("FTP Wächter <ftp@example.org>", Load(With("FTP Wächter <ftp@example.org>")).Mail!.From);
        var sender = Assert.Throws<ConfigurationException>(() => Load(With("FTP Wächter <ftp>")));
        Assert.Contains("\"FTP Wächter <ftp>\"", sender.Message, StringComparison.Ordinal);
        var rule = Assert.Throws<ConfigurationException>(() => Load(With("a@example.org", """[ { "name": "m", "on": "hochgelädt <x>", "actions": [ { "exec": "größer" } ] } ]""")));
        Assert.Contains("größer", rule.Message, StringComparison.Ordinal);
        Assert.Contains("hochgelädt <x>", rule.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_asks_for_a_field_the_users_do_not_have_is_a_problem()
    {
        _scratch.Write("users.csv", "login,email\nalice,alice@example.org\n");
        _scratch.Write("body.hbs", "Dear {{user_info.nmae}}");
        const string mail = """{ "users": "users.csv", "mail": { "host": "mail.example.org", "from": "ftp@example.org" }, "rules": [ { "name": "m", "on": ["upload"], "actions": [ { "mail": { "to": "{{user_info.email}}", "subject": "x", "body_file": "FILE" } } ] } ] }""";
        var wrong = Assert.Throws<ConfigurationException>(() => Load(mail.Replace("FILE", "body.hbs", StringComparison.Ordinal)));
        Assert.Contains("no field 'nmae'", wrong.Message, StringComparison.Ordinal);
        var missing = Assert.Throws<ConfigurationException>(() => Load(mail.Replace("FILE", "gone.hbs", StringComparison.Ordinal)));
        Assert.Contains("gone.hbs", missing.Message, StringComparison.Ordinal);
        _scratch.Write("body.hbs", "Dear {{user}}");
        Assert.Equal(1, Load(mail.Replace("FILE", "body.hbs", StringComparison.Ordinal)).Users.Count);
    }

    [Fact]
    public void A_backlog_is_told_once_until_it_has_fallen_below_half()
    {
        var gauge = new BacklogGauge(new BacklogLimits(100, TimeSpan.FromMinutes(5)));
        Assert.False(gauge.Rises(100, TimeSpan.FromMinutes(5)));
        Assert.True(gauge.Rises(101, TimeSpan.Zero));
        Assert.False(gauge.Rises(99, TimeSpan.Zero));
        Assert.False(gauge.Rises(200, TimeSpan.Zero));
        Assert.False(gauge.Rises(50, TimeSpan.Zero));
        Assert.False(gauge.IsHigh);
        Assert.True(gauge.Rises(1, TimeSpan.FromMinutes(6)));
        Assert.False(gauge.Rises(1, TimeSpan.FromMinutes(3)));
        Assert.False(gauge.Rises(1, TimeSpan.FromMinutes(2)));
        Assert.True(gauge.Rises(1, TimeSpan.FromMinutes(6)));
    }

    private NodeConfiguration Load(string text) => NodeConfiguration.Load(_scratch.Write("test.conf", text), new Dictionary<string, string>());
}
