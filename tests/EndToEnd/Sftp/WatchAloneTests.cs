using System.Globalization;
using System.Text.Json;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>What clients do, as the watch alone tells it: each finished file once, under its final name.</summary>
public sealed class WatchAloneTests(WatchNode sftp) : IClassFixture<WatchNode>
{
    private readonly SftpServer _server = sftp.Server;

    [Theory]
    [InlineData("put", "put {small} {d}/a")]
    [InlineData("put-p", "put -p {small} {d}/a")]
    [InlineData("put-f", "put -f {small} {d}/a")]
    [InlineData("empty", "put {empty} {d}/a")]
    [InlineData("overwrite", "put {small} {d}/a", "put {larger} {d}/a", "drop upload unknown a")]
    [InlineData("reput", "put {small} {d}/a", "reput {larger} {d}/a", "drop upload unknown a")]
    [InlineData("rename", "put {small} {d}/a", "rename {d}/a {d}/b", "drop rename ok a>b")]
    [InlineData("rename-l", "put {small} {d}/a", "rename -l {d}/a {d}/b", "drop rename ok a>b")]
    [InlineData("rm", "put {small} {d}/a", "rm {d}/a", "drop delete ok a")]
    [InlineData("chmod", "put {small} {d}/a", "chmod 600 {d}/a")]
    [InlineData("symlink", "put {small} {d}/a", "ln -s {d}/a {d}/l")]
    [InlineData("link", "put {small} {d}/a", "ln {d}/a {d}/l")]
    [InlineData("folders", "put {small} {d}/a", "mkdir {d}/x\nrmdir {d}/x")]
    [InlineData("get", "put {small} {d}/a", "get {d}/a {local}/got\nls -l {d}")]
    public async Task A_command_of_sftp_leaves_a_file_that_is_told(string name, string first, string second = "", string expected = "")
    {
        var folder = await sftp.FolderAsync("c-" + name);
        Assert.Equal(0, await _server.SftpAsync(Filled(first, folder)));
        Assert.Equal(["drop upload unknown a"], await sftp.EventsAsync(folder, 1));
        if (second.Length > 0)
            Assert.Equal(0, await _server.SftpAsync(Filled(second, folder)));
        List<string> all = ["drop upload unknown a", .. expected.Length > 0 ? [expected] : Array.Empty<string>()];
        await sftp.EventsAsync(folder, all.Count);
        // What is told later than this was told of the command, too.
        Assert.Equal(0, await _server.SftpAsync(Filled("put {small} {d}/z", folder)));
        all.Add("drop upload unknown z");
        Assert.Equal(all, await sftp.EventsAsync(folder, all.Count));
    }

    [Fact]
    public async Task A_file_that_another_takes_the_name_of_is_told_as_its_rename()
    {
        var folder = await sftp.FolderAsync("rename-over");
        Assert.Equal(0, await _server.SftpAsync(Filled("put {small} {d}/a\nput {larger} {d}/b", folder)));
        Assert.Equal(["drop upload unknown a", "drop upload unknown b"], await sftp.EventsAsync(folder, 2));
        Assert.Equal(0, await _server.SftpAsync(Filled("rename {d}/a {d}/b", folder)));
        Assert.Equal("drop rename ok a>b", (await sftp.EventsAsync(folder, 3))[^1]);
    }

    [Fact]
    public async Task Copies_by_other_clients_are_told_under_their_final_names()
    {
        var folder = await sftp.FolderAsync("others");
        var small = _server.LocalFile("small", 20_000);
        Assert.Equal(0, await _server.ScpAsync(small, $"alice@127.0.0.1:{folder}/scp"));
        Assert.Equal(0, await _server.ScpAsync("-O", small, $"alice@127.0.0.1:{folder}/scp-O"));
        Assert.Equal(0, await _server.RsyncAsync("-a", small, $"alice@127.0.0.1:{folder}/rsync"));
        Assert.Equal(0, await _server.RsyncAsync("--delay-updates", small, $"alice@127.0.0.1:{folder}/rsync-d"));
        Assert.Equal(0, await _server.LftpAsync($"set xfer:use-temp-file yes; put {small} -o {folder}/lftp"));
        Assert.Equal(0, await _server.LftpAsync($"set xfer:use-temp-file no; put {small} -o {folder}/lftp-n"));
        Assert.Equal(0, await _server.SftpAsync($"put {small} {folder}/sftp.part\nrename {folder}/sftp.part {folder}/sftp"));
        Assert.Equal(
            ["drop upload ok lftp", "drop upload ok rsync", "drop upload ok rsync-d", "drop upload ok sftp", "drop upload unknown lftp-n", "drop upload unknown scp", "drop upload unknown scp-O"],
            (await sftp.EventsAsync(folder, 7)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_killed_upload_and_a_polite_stop_are_told_as_files_of_which_nobody_knows_whether_they_are_whole()
    {
        var folder = await sftp.FolderAsync("broken");
        foreach (var (signal, name) in new[] { ("-KILL", "killed"), ("-INT", "polite") })
        {
            using var client = _server.StartSftp($"put {_server.LocalFile("big", 6_000_000)} {folder}/{name}", "alice", "-l", "16000");
            await Until.TrueAsync("the upload runs", () => File.Exists($"{folder}/{name}") && new FileInfo($"{folder}/{name}").Length > 100_000);
            Assert.Equal(0, await SftpServer.ExecuteAsync("kill", "", signal, client.Id.ToString(CultureInfo.InvariantCulture)));
            await client.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        Assert.Equal(["drop upload unknown killed", "drop upload unknown polite"], await sftp.EventsAsync(folder, 2));
    }

    [Theory]
    [InlineData("0s", 300)]
    [InlineData("300ms", 10)]
    public async Task Of_a_thousand_overwrites_each_is_told_or_counted_with_another_and_none_is_silent(string steady, int fewestEvents)
    {
        const int writes = 1000;
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder["in"]).FullName;
        await using var node = new TestNode(sources: $$"""{ "name": "drop", "kind": "watch", "path": "{{root}}", "steady": "{{steady}}" }""");
        await node.StartAsync();
        await Until.TrueAsync("it watches", async () => (await node.SourceAsync("drop")).Text("state") == "reading");
        var random = new Random(14);
        for (var i = 1; i <= writes; i++)
        {
            File.WriteAllBytes($"{root}/a", new byte[i]);
            // Now shorter than the time that a file must rest, now longer.
            await Task.Delay(i % 100 == 0 ? 400 : random.Next(5, 40));
        }
        List<JsonElement> events = [];
        await Until.TrueAsync("the last one is told", async () => (events = await node.ItemsAsync("/api/v1/events?kind=upload")).Count > 0 && WordOf(events[^1], "size") == writes);
        await Until.TrueAsync("nothing waits", async () => (await node.SourceAsync("drop")).GetProperty("depth").GetInt64() == 0);
        // The last one may be stored before those of other handlers.
        await node.AppliedAsync(events.Count);
        events = await node.ItemsAsync("/api/v1/events?kind=upload");
        // One that was seen before its closing was heard has none of its own; its closing is told with what it closed.
        var closings = events.Sum(e => WordOf(e, "closings") ?? (e.GetProperty("extra").EnumerateArray().Any(w => w.GetString() == "seen=close") ? 1 : 0));
        Assert.True(closings == writes, $"{writes} writes, {closings} of them told by {events.Count} events, of these not closed:\n{string.Join('\n', events.Where(e => !e.ToString().Contains("seen=close", StringComparison.Ordinal)))}");
        Assert.InRange(events.Count, fewestEvents, writes);
        Assert.Equal(events.Count, events.Select(e => WordOf(e, "size")).Distinct().Count());
    }

    private static int? WordOf(JsonElement e, string name) => e.GetProperty("extra").EnumerateArray().Select(w => w.GetString()!.Split('=')).FirstOrDefault(w => w[0] == name) is [_, var number]
        ? int.Parse(number, CultureInfo.InvariantCulture)
        : null;

    private string Filled(string commands, string folder) => commands
        .Replace("{d}", folder, StringComparison.Ordinal).Replace("{local}", Path.Combine(_server.Folder, "local"), StringComparison.Ordinal)
        .Replace("{small}", _server.LocalFile("small", 20_000), StringComparison.Ordinal).Replace("{larger}", _server.LocalFile("larger", 90_000), StringComparison.Ordinal)
        .Replace("{empty}", _server.LocalFile("empty", 0), StringComparison.Ordinal);
}
