using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>Our lines beside those that the real pure-ftpwho prints at the same moment, of a real server with real sessions.</summary>
public sealed class FtpwhoTests
{
    // "|", "\" and quotes, markup, a byte that is no UTF-8, and one that is a control character in Latin 1 (0x97 of 日).
    private const string Hostile = "a|b%20&%3Cx%3E'%22%20%E6%97%A5%E9.bin";

    private static readonly string[] Busy = [" UL ", " UL ", " UL ", " DL ", " DL "];

    [Fact]
    public async Task Every_field_of_the_shell_line_is_the_one_that_pure_ftpwho_prints_at_the_same_moment()
    {
        await using var server = new PureFtpdServer();
        await using var node = new TestNode(sources: $$"""{ "name": "pure", "kind": "pureftpd", "pipe": "{{server.Pipe}}" }""");
        await using var clients = await ClientsAsync(server, node);

        var before = Rows(server);
        var original = await server.FtpwhoAsync("-n", "-s");
        var after = Rows(server);

        var lines = Lines(original).Select(Fields).ToDictionary(f => Number(f[0]));
        Assert.Equal(before.Keys.Select(pid => (long)pid).Order(), lines.Keys.Order());
        foreach (var (pid, theirs) in lines)
        {
            var (first, last) = (OurFields(before[(int)pid]), OurFields(after[(int)pid]));
            Assert.Equal(12, theirs.Count);
            // pid, account, state, file, peer, local host, local port and total are the same throughout.
            foreach (var i in new[] { 0, 1, 3, 4, 5, 6, 7, 9 })
                Assert.Equal(first[i], theirs[i]);
            // Age, position and percentage grow; the second look came after theirs.
            foreach (var i in new[] { 2, 8, 10 })
                Assert.InRange(Number(theirs[i]), Number(first[i]), Number(last[i]));
            var (least, most) = RateBounds(before[(int)pid], after[(int)pid]);
            Assert.InRange(Number(theirs[11]), least, most);
        }
        var hostile = lines.Values.Single(f => f[4].Length > 8);
        Assert.Equal("a|b &<x>'\"\u0020\u00E6\u0097\u00A5\u00E9.bin", Encoding.Latin1.GetString(hostile[4]));
        Assert.Contains(@"|a\|b &<x>'"" ", Encoding.Latin1.GetString(original), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_of_a_node_names_the_same_sessions_with_the_same_fields_as_pure_ftpwho()
    {
        await using var server = new PureFtpdServer();
        await using var node = new TestNode(sources: $$"""
            { "name": "pure", "kind": "pureftpd", "pipe": "{{server.Pipe}}", "scoreboard": "{{server.Scoreboard}}", "progress": "1s" }
            """);
        await using var clients = await ClientsAsync(server, node);
        // Who is not logged in yet is no session of ours.
        var theirs = Lines(await server.FtpwhoAsync("-n", "-s")).Select(Fields).Where(f => Text(f[1]) != "?").ToDictionary(f => Number(f[0]));

        Dictionary<long, List<byte[]>> ours = [];
        await Until.TrueAsync("the node has seen all of them at work, and as far as they were", async () =>
        {
            await using var who = Program.Start("who", "--format", "shell", "--node", node.Url);
            Assert.Equal(0, await who.ExitAsync());
            ours = Lines(Encoding.UTF8.GetBytes(who.Output)).Select(Fields).ToDictionary(f => Number(f[0]));
            return theirs.All(t => ours.TryGetValue(t.Key, out var f) && Text(f[3]) == Text(t.Value[3]) && Number(f[8]) >= Number(t.Value[8]));
        });

        Assert.Equal(theirs.Keys.Order(), ours.Keys.Order());
        foreach (var (pid, original) in theirs)
        {
            var field = ours[pid];
            Assert.Equal(12, field.Count);
            // pid, account, state, peer, local host, local port and total; the file with a byte that is no UTF-8 does not come through this test's console.
            foreach (var i in new[] { 0, 1, 3, 5, 6, 7, 9 })
                Assert.Equal(Text(original[i]), Text(field[i]));
            if (!Text(original[4]).Contains("a|b", StringComparison.Ordinal))
                Assert.Equal(Text(original[4]), Text(field[4]));
            // It is some moments older than ours.
            Assert.InRange(Number(field[2]) - Number(original[2]), 0, 60);
        }
    }

    [Fact]
    public async Task XML_property_list_and_page_have_what_pure_ftpwho_s_have_and_can_be_read_where_its_cannot()
    {
        await using var server = new PureFtpdServer();
        await using var node = new TestNode(sources: $$"""{ "name": "pure", "kind": "pureftpd", "pipe": "{{server.Pipe}}" }""");
        await using var clients = await ClientsAsync(server, node);

        var (xml, plist, page) = (await server.FtpwhoAsync("-n", "-x"), await server.FtpwhoAsync("-n", "-p"), await server.FtpwhoAsync("-n", "-w"));
        var rows = Rows(server).Values.Select(s => FtpwhoRow.Of(s.Entry, s.At)!).ToList();

        // The quote in a name breaks theirs, and does not break ours.
        Assert.Throws<XmlException>(() => Read(xml));
        var ours = Read(FtpwhoFormat.Xml.Write(rows)).Root!.Elements().ToDictionary(c => c.Attribute("pid")!.Value, Attributes);
        foreach (var line in Encoding.Latin1.GetString(xml).Split('\n').Where(l => l.Contains("<client", StringComparison.Ordinal) && !l.Contains("a|b", StringComparison.Ordinal)))
        {
            var theirs = XElement.Parse(line);
            Assert.Equal(Attributes(theirs), ours[theirs.Attribute("pid")!.Value]);
        }

        var keys = Read(FtpwhoFormat.Plist.Write(rows)).Descendants("array").Elements("dict").ToDictionary(d => d.Element("string")!.Value, Keys);
        var theirDicts = Read(plist).Descendants("array").Elements("dict").ToList();
        Assert.Equal(rows.Count, theirDicts.Count);
        Assert.All(theirDicts, d => Assert.Equal(Keys(d), keys[d.Element("string")!.Value]));

        Assert.Equal(Columns(Read(page)), Columns(Read(FtpwhoFormat.Html.Write(rows))));
    }

    /// <summary>One before its login, one idle, three that upload (one goes on with a file) and two that download (one from the middle).</summary>
    private static async Task<Clients> ClientsAsync(PureFtpdServer server, TestNode node)
    {
        await node.StartAsync();
        server.Start();
        await Until.TrueAsync("the server listens", server.IsListeningAsync);
        var file = Path.Combine(node.Data, "big");
        await File.WriteAllBytesAsync(file, new byte[64 << 20]);
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", file, server.Url("big.bin")));
        Assert.Equal(0, await PureFtpdServer.CurlAsync("-T", "/etc/hostname", server.Url("part.bin")));
        var clients = new Clients();
        clients.Connect(server.Port);
        clients.Connect(server.Port, "USER alice", "PASS pw1");
        string[] slow = ["--limit-rate", "200k"];
        clients.Curl([.. slow, "-T", file, server.Url("slow.bin")]);
        clients.Curl([.. slow, "-T", file, server.Url(Hostile)]);
        clients.Curl([.. slow, "-T", file, "--append", server.Url("part.bin")]);
        clients.Curl([.. slow, "-o", "/dev/null", server.Url("big.bin")]);
        clients.Curl([.. slow, "-o", "/dev/null", "-C", "4000000", server.Url("big.bin")]);
        await Until.TrueAsync("all sessions do what they should", async () =>
        {
            var lines = Lines(await server.FtpwhoAsync("-n", "-s")).Select(Fields).ToList();
            return lines.Count == 7 && lines.Count(f => Text(f[1]) == "?") == 1
                && Busy.SequenceEqual(lines.Select(f => Text(f[3])).Where(s => s != "IDLE").OrderDescending(StringComparer.Ordinal))
                && lines.All(f => Text(f[3]) == "IDLE" || Number(f[11]) > 0);
        });
        return clients;
    }

    private static Dictionary<int, (ScoreboardEntry Entry, DateTimeOffset At)> Rows(PureFtpdServer server)
    {
        var rows = new Dictionary<int, (ScoreboardEntry, DateTimeOffset)>();
        foreach (var file in Directory.GetFiles(server.Scoreboard, "client-*"))
        {
            Assert.True(ScoreboardEntry.TryDecode(File.ReadAllBytes(file), out var entry, out var reason), reason);
            rows.Add(entry.Pid, (entry, DateTimeOffset.UtcNow));
        }
        return rows;
    }

    private static List<byte[]> OurFields((ScoreboardEntry Entry, DateTimeOffset At) seen) =>
        Fields(Assert.Single(Lines(FtpwhoFormat.Shell.Write([FtpwhoRow.Of(seen.Entry, seen.At)!]))));

    // The original looked between our two looks: at least the bytes of the first over the time of the second, at most the other way round.
    private static (long Least, long Most) RateBounds((ScoreboardEntry Entry, DateTimeOffset At) first, (ScoreboardEntry Entry, DateTimeOffset At) last)
    {
        if (first.Entry.State == ScoreboardState.Idle)
            return (0, 0);
        long Rate(ScoreboardEntry bytes, DateTimeOffset at) =>
            FtpwhoRow.Rate(bytes.CurrentSize, bytes.RestartAt, FtpwhoRow.SecondsBetween(bytes.TransferStartedAt, at)) / 1024;
        return (Rate(first.Entry, last.At), Rate(last.Entry, first.At));
    }

    private static List<byte[]> Lines(byte[] output)
    {
        var lines = new List<byte[]>();
        for (var rest = output.AsSpan(); !rest.IsEmpty; rest = rest[(lines[^1].Length + 1)..])
            lines.Add(rest[..rest.IndexOf((byte)'\n')].ToArray());
        return lines;
    }

    private static List<byte[]> Fields(byte[] line)
    {
        var fields = new List<byte[]>();
        var field = new List<byte>();
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '|')
            {
                fields.Add([.. field]);
                field.Clear();
                continue;
            }
            if (line[i] == '\\')
                i++;
            field.Add(line[i]);
        }
        return [.. fields, [.. field]];
    }

    private static long Number(byte[] field) => long.Parse(Text(field), CultureInfo.InvariantCulture);

    private static string Text(byte[] field) => Encoding.Latin1.GetString(field);

    private static List<string> Attributes(XElement client) => [.. client.Attributes().Select(a => a.Name.LocalName)];

    private static List<string> Keys(XElement dict) => [.. dict.Elements("key").Select(k => k.Value)];

    private static List<string> Columns(XDocument page) => [.. page.Descendants().Where(e => e.Name.LocalName == "th" && e.Attribute("scope")!.Value == "col").Select(e => e.Value)];

    // Theirs is not in the encoding that it declares; and without the DTD &nbsp; has no meaning to an XML reader.
    private static XDocument Read(byte[] document)
    {
        var text = Encoding.Latin1.GetString(document).Replace("ISO-8859-15", "ISO-8859-1", StringComparison.Ordinal).Replace("&nbsp;", "&#160;", StringComparison.Ordinal);
        using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse, XmlResolver = null });
        return XDocument.Load(reader);
    }

    private sealed class Clients : IAsyncDisposable
    {
        private readonly List<Process> _curls = [];
        private readonly List<TcpClient> _connections = [];

        public void Connect(int port, params string[] commands)
        {
            var client = new TcpClient();
            _connections.Add(client);
            client.Connect(IPAddress.Loopback, port);
            client.GetStream().Write(Encoding.ASCII.GetBytes(string.Concat(commands.Select(c => c + "\r\n"))));
        }

        public void Curl(string[] arguments) => _curls.Add(Process.Start("curl", ["-s", .. arguments]));

        public async ValueTask DisposeAsync()
        {
            foreach (var curl in _curls)
            {
                curl.Kill();
                await curl.WaitForExitAsync();
                curl.Dispose();
            }
            foreach (var connection in _connections)
                connection.Dispose();
        }
    }
}
