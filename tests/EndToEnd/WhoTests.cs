using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary><c>who</c> in its forms, against a real node.</summary>
public sealed partial class WhoTests
{
    [Fact]
    public async Task Every_format_of_pure_ftpwho_shows_the_sessions_of_a_node()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        foreach (var (format, root) in new[] { ("xml", "status"), ("plist", "plist"), ("html", "html") })
        {
            var (empty, nobody, _) = await Program.RunAsync("", "who", "--format", format, "--node", node.Url);
            Assert.Equal((0, root), (empty, XDocument.Parse(nobody).Root!.Name.LocalName));
        }
        Login(node, "a|b \\\\ \"><x>", "192.0.2.7");
        await node.AppliedAsync(1);

        var (code, shell, errors) = await Program.RunAsync("", "who", "--format", "shell", "--node", node.Url);
        Assert.True(code == 0, errors);
        Assert.Matches(@"^0\|a\\\|b \\\\ ""><x>\|[0-9]+\|IDLE\|\|192\.0\.2\.7\|ftp1\|0\|0\|0\|0\|0\n$", shell);
        var (_, xml, _) = await Program.RunAsync("", "who", "--format", "xml", "--node", node.Url);
        Assert.Equal("a|b \\ \"><x>", XDocument.Parse(xml).Root!.Element("client")!.Attribute("account")!.Value);
        var (_, plist, _) = await Program.RunAsync("", "who", "--format", "plist", "--node", node.Url);
        Assert.Equal("a|b \\ \"><x>", XDocument.Parse(plist).Descendants("string").ElementAt(1).Value);
        var (_, html, _) = await Program.RunAsync("", "who", "--format", "html", "--node", node.Url);
        Assert.Equal("a|b \\ \"><x>", XDocument.Parse(html).Descendants().First(e => e.Name.LocalName == "td").Value);
        var (_, other, _) = await Program.RunAsync("", "who", "--format", "shell", "--host", "ftp2", "--node", node.Url);
        Assert.Empty(other);
    }

    [Fact]
    public async Task A_node_that_is_not_there_leaves_no_half_of_a_document()
    {
        var (code, output, errors) = await Program.RunAsync("", "who", "--format", "xml", "--node", "http://127.0.0.1:1");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("no node answers", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_sessions_are_counted_by_user_host_and_client()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        Login(node, "bob", "192.0.2.7");
        Login(node, "bob", "192.0.2.8");
        Login(node, "ann", "192.0.2.8");
        await node.AppliedAsync(3);
        async Task<string[]> CountAsync(string by) =>
        [
            .. (await node.ItemsAsync($"/api/v1/who/count?by={by}")).Select(g => $"{g.GetProperty("by")} {g.GetProperty("name")} {g.GetProperty("sessions")}"),
        ];
        Assert.Equal(["user bob 2", "user ann 1"], await CountAsync("user"));
        Assert.Equal(["host ftp1 3"], await CountAsync("host"));
        Assert.Equal(["remote 192.0.2.8 2", "remote 192.0.2.7 1"], await CountAsync("remote"));

        var (_, table, _) = await Program.RunAsync("", "who", "--count", "--node", node.Url);
        Assert.Equal([["USER", "SESSIONS", "UPLOADING", "DOWNLOADING"], ["bob", "2", "0", "0"], ["ann", "1", "0", "0"]], Cells(table));
        var (_, json, _) = await Program.RunAsync("", "who", "--count", "--by", "remote", "--user", "ann", "--format", "json", "--node", node.Url);
        Assert.Equal("192.0.2.8", JsonSerializer.Deserialize<JsonElement>(json).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("--by host: needs --count", "--by", "host")]
    [InlineData("pure-ftpwho has no counts", "--count", "--format", "xml")]
    [InlineData("must be a duration from 100ms to 1d", "--watch", "10ms")]
    [InlineData("must be one of user, host, remote", "--count", "--by", "shard")]
    public async Task What_does_not_fit_together_is_refused_with_the_way_out(string said, params string[] arguments)
    {
        var (code, output, errors) = await Program.RunAsync("", ["who", .. arguments]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(said, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_into_a_pipe_writes_a_block_each_time_until_it_is_interrupted()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        Login(node, "anna", "192.0.2.7");
        await node.AppliedAsync(1);
        await using var watch = Program.Start("who", "--watch", "100ms", "--format", "shell", "--node", node.Url);
        await Until.TrueAsync("two blocks", () => watch.Output.Split("\n\n").Count(block => block.StartsWith("0|anna|", StringComparison.Ordinal)) >= 2);
        await watch.SignalAsync("INT");
        Assert.Equal(0, await watch.ExitAsync());
    }

    [Fact]
    public async Task Watching_on_a_terminal_draws_the_table_anew_in_its_place()
    {
        await using var node = new TestNode();
        await node.StartAsync();
        Login(node, "anna", "192.0.2.7");
        await node.AppliedAsync(1);
        await using var watch = Program.StartAs(
            ["env", "TERM=xterm", "sh", "-c", "exec script -qefc \"stty rows 20 cols 100; exec $*\" /dev/null", "sh"], "who", "--watch", "100ms", "--node", node.Url);
        await Until.TrueAsync("the table", () => watch.Output.Contains("anna", StringComparison.Ordinal));
        Login(node, "bertha", "192.0.2.7");
        await Until.TrueAsync("the table with the new session", () => watch.Output.Contains("bertha", StringComparison.Ordinal));
        Assert.Matches(CursorUp(), watch.Output);
        Assert.Contains("2 sessions", watch.Output, StringComparison.Ordinal);
        // Ctrl-C.
        await watch.TypeAsync("\u0003");
        Assert.Equal(0, await watch.ExitAsync());
    }

    private static void Login(TestNode node, string user, string from) =>
        node.Send(new NcFtpdMessage { Type = "LOGIN", User = user, Email = "", Host1 = "s", Host2 = from });

    private static string[][] Cells(string table) =>
        [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    [GeneratedRegex(@"\x1b\[[0-9]+A")]
    private static partial Regex CursorUp();
}
