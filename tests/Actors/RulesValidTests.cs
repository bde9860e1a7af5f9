using System.Text;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Tests;

/// <summary>What a rule expects of an upload: its words, the names and the texts of the files beside it.</summary>
public sealed class RulesValidTests
{
    private static readonly string Digest = new('a', 64);

    [Fact]
    public void All_that_is_expected_is_read_and_a_program_has_the_options_of_exec()
    {
        var rule = Read("""{ "sha256": "{name}.sha256", "size": "{stem}.size", "exec": ["/bin/check", "{{path}}"], "env": { "A": "b" }, "user": "nobody", "timeout": "1m", "wait": "2h" }""");
        Assert.Equal([(ExpectationKind.Size, "{stem}.size"), (ExpectationKind.Sha256, "{name}.sha256")], rule.Valid!.Expected.Select(e => (e.Kind, e.Beside.Text)));
        Assert.Equal(("/bin/check", "nobody", TimeSpan.FromMinutes(1)), (rule.Valid.Program!.Program, rule.Valid.Program.User, rule.Valid.Program.Timeout));
        Assert.Equal(TimeSpan.FromHours(2), rule.Valid.Wait);
        Assert.Equal(["valid", "file"], rule.Steps.Select(s => s.Kind));
    }

    [Fact]
    public void A_file_beside_it_is_waited_for_and_a_program_is_asked_once()
    {
        Assert.Equal(TimeSpan.FromMinutes(5), Read("""{ "done": "{name}.done" }""").Valid!.Wait);
        Assert.Equal(TimeSpan.Zero, Read("""{ "exec": ["/bin/true"] }""").Valid!.Wait);
    }

    [Theory]
    [InlineData("""{ }""", "rules[0].valid: what is expected?")]
    [InlineData("""{ "sha265": "x" }""", "rules[0].valid.sha265: unknown key (did you mean 'sha256'?)")]
    [InlineData("""{ "md5": "sums/{name}.md5" }""", "rules[0].valid.md5: \"sums/{name}.md5\" is not allowed: the name of a file in the folder of the upload, without a slash")]
    [InlineData("""{ "done": "{name}" }""", "rules[0].valid.done: \"{name}\" is not allowed: {name} alone")]
    [InlineData("""{ "done": "{nam}.done" }""", "rules[0].valid.done: \"{nam}.done\" is not allowed: at most one of")]
    [InlineData("""{ "done": "{name}{stem}" }""", "rules[0].valid.done: \"{name}{stem}\" is not allowed: at most one of")]
    [InlineData("""{ "done": "" }""", "rules[0].valid.done: \"\" is not allowed")]
    [InlineData("""{ "exec": ["check"] }""", "rules[0].valid.exec[0]: \"check\" is not allowed")]
    [InlineData("""{ "done": "DONE", "user": "nobody" }""", "rules[0].valid.user: is for the program of exec")]
    [InlineData("""{ "done": "DONE", "wait": "2 days" }""", "rules[0].valid.wait: \"2 days\" is not allowed")]
    [InlineData("""[]""", "rules[0].valid: an object is needed")]
    public void What_cannot_be_expected_is_told_with_its_key(string valid, string problem) =>
        Assert.Contains(problem, string.Join('\n', RuleFile.Parse(Text(valid), "rules.conf").Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("download")]
    [InlineData("session_end")]
    public void Only_an_upload_can_be_asked(string trigger) =>
        Assert.Contains($"rules[0].valid: cannot be asked of {trigger}", Assert.Single(RuleFile.Parse(Text("""{ "done": "DONE" }""", trigger), "rules.conf").Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("{name}.sha256", "/in/a.avi", "/in/a.avi.sha256")]
    [InlineData(".{name}.done", "/a", "/.a.done")]
    [InlineData("{stem}.done", "/in/x.y/a.b.avi", "/in/x.y/a.b.done")]
    [InlineData("{stem}.done", "/in/.hidden", "/in/.hidden.done")]
    [InlineData("SHA256SUMS", "/in/a.avi", "/in/SHA256SUMS")]
    [InlineData("{name}.é", @"/in/\xFF\\é", @"/in/\xFF\\é.é")]
    public void The_file_beside_an_upload_has_its_name_and_is_no_upload_of_the_rule_itself(string name, string upload, string expected)
    {
        var beside = BesideName.Parse(name);
        Assert.Equal(expected, ReversibleText.FromBytes(beside.For(ReversibleText.ToBytes(upload))));
        Assert.True(beside.Fits(expected));
        Assert.False(beside.Fits(upload));
    }

    [Fact]
    public void Where_the_server_cannot_tell_an_upload_counts_as_ok_for_a_rule_that_looks_itself()
    {
        var upload = Play.Event(EventKind.Upload, 0, path: "/in/a") with { Status = EventStatus.Unknown };
        Assert.True(Read("""{ "done": "{name}.done" }""").Matches(upload));
        Assert.False(Read("null").Matches(upload));
        Assert.False(Read("""{ "done": "{name}.done" }""").Matches(upload with { Status = EventStatus.Aborted }));
        Assert.False(Read("""{ "done": "{name}.done" }""").Matches(upload with { Path = "/in/a.done" }));
    }

    [Theory]
    [InlineData("{0}\n")]
    [InlineData("  {0}")]
    [InlineData("{0}  a b.avi\n")]
    [InlineData("{0} *a b.avi\r\n")]
    [InlineData("{0}  /home/me/a b.avi\n")]
    [InlineData("{0} a b.avi")]
    [InlineData("SHA256 (a b.avi) = {0}\n")]
    [InlineData("garbage\n\n{0}  other\n{0}  ./a b.avi\n")]
    public void Every_common_form_of_a_manifest_is_read(string content) =>
        Assert.Equal([Digest], Values(string.Format(System.Globalization.CultureInfo.InvariantCulture, content, Digest.ToUpperInvariant()), "a b.avi"));

    [Theory]
    [InlineData("")]
    [InlineData("{0}  xa\n{0}  a.avi\n")]
    [InlineData("{0}a\n")]
    [InlineData("(a) = {0}\n")]
    [InlineData("SHA256 () = {0}\nSHA256 (a) = \n")]
    [InlineData("a {0}\n")]
    public void What_says_nothing_of_the_file_gives_no_value(string content) =>
        Assert.Empty(Values(string.Format(System.Globalization.CultureInfo.InvariantCulture, content, Digest), "a"));

    [Fact]
    public void Hostile_names_stand_in_a_manifest_as_sha256sum_writes_them()
    {
        Assert.Equal([Digest], Values($"\\{Digest}  line\\nback\\\\slash\n{Digest}  other\n", "line\nback\\slash"));
        Assert.Equal([Digest], Values($"{Digest}  caf\u00e9\n{Digest}  b\n", "caf\u00e9"));
    }

    [Fact]
    public void No_content_makes_the_reader_throw()
    {
        var random = new Random(14);
        string[] parts = ["\\", "\n", " ", "*", "(", ")", " (", ") = ", Digest, "a", "\r", "\0"];
        for (var i = 0; i < 20_000; i++)
            _ = Values(string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => parts[random.Next(parts.Length)])), "a");
    }

    private static IReadOnlyList<string> Values(string content, string name) => Manifest.ValuesOf(
        Encoding.UTF8.GetBytes(content), Encoding.UTF8.GetBytes(name), new Expectation(ExpectationKind.Sha256, BesideName.Parse("SHA256SUMS")).IsValue);

    private static Rule Read(string valid)
    {
        var (rules, problems) = RuleFile.Parse(Text(valid), "rules.conf");
        Assert.Empty(problems);
        return Assert.Single(rules!.Rules);
    }

    private static string Text(string valid, string trigger = "upload") =>
        $$"""[ { "name": "r", "on": ["{{trigger}}"], {{(trigger == "upload" ? "\"status\": [\"ok\"]," : "")}} "valid": {{valid}}, "actions": [ { "file": "/x" } ] } ]""";
}
