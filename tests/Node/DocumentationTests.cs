using FtpActors.Actors;
using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using FtpActors.Actors.Rules;
using FtpActors.Node.Configuration;
using FtpActors.Protocol;

namespace FtpActors.Node.Tests;

/// <summary>What a user reads says what the program does.</summary>
public sealed partial class DocumentationTests : IDisposable
{
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Every_command_is_in_the_table_of_the_README()
    {
        var readme = Read("README.md") + Read("commands.md");
        var commands = await CommandsAsync();
        Assert.True(commands.Count > 20, string.Join(", ", commands));
        // Each once, and none that is gone.
        Assert.Equal(commands.Order(StringComparer.Ordinal), TableRow().Matches(readme).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_help_of_every_command_begins_with_a_whole_sentence()
    {
        foreach (var command in await CommandsAsync())
        {
            var (code, help, _) = await RunningProgram.RunAsync(null, [.. command.Split(' '), "--help"]);
            Assert.Equal(0, code);
            var first = help[(help.IndexOf("Description:", StringComparison.Ordinal) + 12)..help.IndexOf("Usage:", StringComparison.Ordinal)].Trim();
            Assert.True(first.EndsWith('.') && !first.Contains('\n', StringComparison.Ordinal), $"{command}: {first}");
        }
    }

    [Fact]
    public void Events_and_sessions_have_the_names_of_the_README_in_its_order()
    {
        var e = new FtpEvent { ReceivedAt = DateTimeOffset.UnixEpoch, Kind = EventKind.Login, Host = "h", Source = "s", Type = "X", Extra = ["x"], Fingerprint = "x", PathFrom = "x" };
        var session = new SessionRecord { Id = "1", Key = SessionKey.Of(e), OpenedAt = DateTimeOffset.UnixEpoch, Began = SessionBegan.Login };
        var readme = Words(Read("README.md") + Read("json.md"));

        var names = Names(json => EventJson.WriteFull(json, new StoredEvent("p", 1, e)));
        string[] optional = ["type", "extra", "fingerprint", "path_from"];
        Assert.Equal(optional, names[^4..]);
        Assert.Contains($"`{string.Join(' ', names[..^4])}`", readme, StringComparison.Ordinal);
        Assert.Contains($"`{string.Join(' ', optional)}`", readme, StringComparison.Ordinal);
        Assert.Contains($"`{string.Join(' ', Names(json => SessionJson.Write(json, session)))}`", readme, StringComparison.Ordinal);
        Assert.Contains($"`{string.Join(' ', Protocol.Names.AllKinds)}`", readme, StringComparison.Ordinal);
        Assert.All(Protocol.Names.AllStatuses, status => Assert.Contains(status, readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Simulate_prints_the_names_of_the_README()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var (code, output, errors) = await RunningProgram.RunAsync(null, "simulate", "--to", $"udp:{server.LocalEndPoint}", "--sessions", "1", "--rate", "0");
        Assert.True(code == 0, errors);
        using var json = JsonDocument.Parse(output);
        Assert.Contains($"`{string.Join(' ', json.RootElement.EnumerateObject().Select(p => p.Name))}`", Words(Read("README.md") + Read("json.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_that_the_shipped_file_comments_out_exists_and_shows_its_default()
    {
        _scratch.Write("users.csv", "login,name,email\nalice,Alice,alice@example.org\n");
        _scratch.Write("rules.conf", Read("hocon/rules.conf"));
        _scratch.Write("mail.password", "secret");
        _scratch.Write("ca.pem", "");
        var shipped = Read("hocon/single.conf");
        var all = NodeConfiguration.Load(_scratch.Write("all.conf", CommentedOut().Replace(shipped, "${indent}${setting}")), NoVariables);
        var usual = NodeConfiguration.Load(_scratch.Write("single.conf", shipped), NoVariables);

        Assert.NotEmpty(all.Rules.Rules.Rules);
        Assert.NotNull(all.Mail);
        Assert.Equal(usual.Handler, all.Handler);
        Assert.Equal(usual.Backlog, all.Backlog);
        Assert.Equal(usual.Actions.Deliveries("n"), all.Actions.Deliveries("n"));
        Assert.Equal(usual.Actions.KillAfter, all.Actions.KillAfter);
        Assert.Equal(usual.Node, all.Node);
        Assert.NotEmpty(all.Authd.Limits.All);
        Assert.Equal(usual.Authd with { Limits = all.Authd.Limits }, all.Authd);
        Assert.Equal(((NcFtpdQueueSection)usual.Sources[0]).Options, ((NcFtpdQueueSection)all.Sources[0]).Options);
        Assert.Equal(((NcFtpdUdpSection)usual.Sources[1]).Options.ReceiveBuffer, ((NcFtpdUdpSection)all.Sources[1]).Options.ReceiveBuffer);
    }

    [Fact]
    public void Every_setting_of_Pure_FTPd_that_its_file_comments_out_exists_and_shows_its_default()
    {
        var shipped = Read("hocon/pureftpd.conf");
        var all = NodeConfiguration.Load(_scratch.Write("all.conf", CommentedOut().Replace(shipped, "${indent}${setting}")), NoVariables);
        var usual = NodeConfiguration.Load(_scratch.Write("pureftpd.conf", shipped), NoVariables);
        Assert.NotEqual(shipped, CommentedOut().Replace(shipped, "${indent}${setting}"));
        Assert.Equal(((PureFtpdSection)usual.Sources[0]).Options, ((PureFtpdSection)all.Sources[0]).Options);
    }

    [Fact]
    public void Every_setting_of_ProFTPD_that_its_file_comments_out_exists_and_shows_its_default()
    {
        var shipped = Read("hocon/proftpd.conf");
        var all = NodeConfiguration.Load(_scratch.Write("all.conf", CommentedOut().Replace(shipped, "${indent}${setting}")), NoVariables);
        var usual = NodeConfiguration.Load(_scratch.Write("proftpd.conf", shipped), NoVariables);
        Assert.NotEqual(shipped, CommentedOut().Replace(shipped, "${indent}${setting}"));
        var (one, other) = (((ProftpdKafkaSection)usual.Sources[0]).Options, ((ProftpdKafkaSection)all.Sources[0]).Options);
        Assert.Equal((one.Group, one.Hold, one.Hosts.Count, one.Properties.Count), (other.Group, other.Hold, other.Hosts.Count, other.Properties.Count));
        Assert.Equal(((ProftpdLogSection)usual.Sources[1]).Options, ((ProftpdLogSection)all.Sources[1]).Options);
        Assert.Equal(((ProftpdLogSection)usual.Sources[2]).Options, ((ProftpdLogSection)all.Sources[2]).Options);
    }

    [Fact]
    public void Every_setting_of_SFTP_that_its_file_comments_out_exists_and_shows_its_default()
    {
        var shipped = Read("hocon/sftp.conf");
        var all = NodeConfiguration.Load(_scratch.Write("all.conf", CommentedOut().Replace(shipped, "${indent}${setting}")), NoVariables);
        var usual = NodeConfiguration.Load(_scratch.Write("sftp.conf", shipped), NoVariables);
        Assert.NotEqual(shipped, CommentedOut().Replace(shipped, "${indent}${setting}"));
        Assert.Equal(((OpenSshSection)usual.Sources[0]).Options with { Chroots = NoVariables, Sockets = [] }, ((OpenSshSection)all.Sources[0]).Options with { Chroots = NoVariables, Sockets = [] });
        var (given, shown) = (((WatchSection)usual.Sources[1]).Options, ((WatchSection)all.Sources[1]).Options);
        Assert.Equal((given.Window, given.Steady, given.TrustClose, given.Poll, given.PollCount), (shown.Window, shown.Steady, shown.TrustClose, shown.Poll, shown.PollCount));
        Assert.Equal(["ssh"], shown.Beside);
    }

    [Theory]
    [InlineData("README.md", 1)]
    [InlineData("rules.md", 3)]
    public void The_rules_of_the_documentation_are_valid(string file, int count)
    {
        var rules = RuleText().Matches(Read(file));
        Assert.Equal(count, rules.Count);
        foreach (Match rule in rules)
            Assert.Empty(RuleFile.Parse($"[ {rule.Value} ]", file).Problems);
    }

    [Fact]
    public async Task Every_request_of_the_API_page_is_known_with_its_parameters()
    {
        var config = _scratch.Write("node.conf", """{ "node": { "name": "doc", "listen": "127.0.0.1:0", "data": "var" }, "journal": { "shards": 1 } }""");
        using var node = RunningProgram.Start("run", "--config", config);
        await node.SaysAsync("is ready");
        using var http = new HttpClient { BaseAddress = new Uri(ApiUrl().Match(node.Errors).Value) };
        var requests = ApiRow().Matches(Read("api.md"));
        Assert.True(requests.Count > 20, $"{requests.Count}");
        foreach (Match row in requests)
        {
            var query = string.Join('&', row.Groups["query"].Value.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')[0] + "="));
            var path = row.Groups["path"].Value.Replace("{id}", "1", StringComparison.Ordinal).Replace("{name}", "x", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(row.Groups["method"].Value), $"{path}?{query}");
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            // A stream would never end.
            var body = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? "" : await answer.Content.ReadAsStringAsync();
            Assert.False(answer.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.InternalServerError, $"{row.Value}: {body}");
            Assert.DoesNotContain("There is nothing at", body, StringComparison.Ordinal);
            Assert.DoesNotContain("There is no parameter", body, StringComparison.Ordinal);
        }
        node.Signal("TERM");
        Assert.Equal(0, await node.EndAsync());
    }

    private static string Read(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file.Contains('/', StringComparison.Ordinal) ? file : $"docs/{file}"));

    private static string Words(string text) => string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private static List<string> Names(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
            write(json);
        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return [.. document.RootElement.EnumerateObject().Select(p => p.Name)];
    }

    // Those that do something: "deliveries list", not "deliveries" alone; but "bench" does something by itself.
    private static async Task<List<string>> CommandsAsync(params string[] above)
    {
        var (_, help, _) = await RunningProgram.RunAsync(null, [.. above, "--help"]);
        var at = help.IndexOf("\nCommands:", StringComparison.Ordinal);
        var alone = at < 0 || string.Join(' ', above) == "bench";
        var all = new List<string>(alone ? [string.Join(' ', above)] : []);
        if (at >= 0)
        {
            foreach (Match line in CommandLine().Matches(help[at..].TrimStart().Split("\n\n")[0]))
                all.AddRange(await CommandsAsync([.. above, line.Groups["name"].Value]));
        }
        return all;
    }

    [GeneratedRegex(@"^  (?<name>[a-z-]+)\b", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"^\| `(?<name>[a-z -]+)` \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^(?<indent> *)// (?<setting> *[""}])", RegexOptions.Multiline)]
    private static partial Regex CommentedOut();

    // Its lines go on until the indentation ends.
    [GeneratedRegex(@"^( *)\{ ""name"".*\n(?:\1 +.*\n)+", RegexOptions.Multiline)]
    private static partial Regex RuleText();

    [GeneratedRegex(@"`(?<method>GET|POST|DELETE) (?<path>/[^\s`?]+)(?<query>\?[a-z_=&]+)?`")]
    private static partial Regex ApiRow();

    [GeneratedRegex(@"http://127\.0\.0\.1:[0-9]+/")]
    private static partial Regex ApiUrl();
}
