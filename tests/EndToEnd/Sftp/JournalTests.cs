using System.Globalization;

namespace FtpActors.EndToEnd.Tests.Sftp;

/// <summary>OpenSSH's lines from the journal of systemd: a real journald, and a real sshd that logs to it.</summary>
public sealed class JournalTests
{
    [Fact]
    public async Task Each_upload_in_the_journal_is_told_once_over_rotations_and_kills_of_the_node()
    {
        await using var journald = new Journald();
        await using var server = new SftpServer();
        await using var node = new TestNode(sources: Source(journald));
        await journald.StartAsync();
        File.CreateSymbolicLink(server.Log, journald.Socket);
        await server.StartAsync();
        await node.StartAsync();
        await Until.TrueAsync("it is read", async () => (await node.SourceAsync("ssh")).Text("state") == "reading");
        for (var round = 0; round < 4; round++)
        {
            await PutAsync(server, $"{round}a");
            await journald.RotateAsync();
            await PutAsync(server, $"{round}b");
            await node.Process!.KillAsync();
            await PutAsync(server, $"{round}c");
            await journald.RotateAsync();
            await PutAsync(server, $"{round}d");
            await node.StartAsync();
        }
        await PutAsync(server, "last");
        await Until.TrueAsync("the last is told", async () => (await UploadsAsync(node)).Contains("last"));
        Assert.Equal([.. Enumerable.Range(0, 4).SelectMany(r => new[] { $"{r}a", $"{r}b", $"{r}c", $"{r}d" }), "last"], await UploadsAsync(node));
        // Alice's own lines are in files of her own, beside those of sshd: two files that are one log.
        Assert.Contains("user-1901.journal", journald.Files);

        await Until.TrueAsync("all sessions have ended", async () => (await node.ItemsAsync("/api/v1/sessions")).Count(s => s.Text("ended") == "logout") == 17);
        var sessions = await node.ItemsAsync("/api/v1/sessions");
        Assert.Equal(17, sessions.Count);
        Assert.All(sessions, s => Assert.Equal(("alice", "likely", 1L), (s.Text("user"), s.Text("certainty"), s.Whole("uploads"))));
    }

    [Fact]
    public async Task What_was_in_the_journal_before_is_not_told_and_all_that_comes_after_the_first_look_is()
    {
        await using var journald = new Journald();
        await using var server = new SftpServer();
        await using var node = new TestNode(sources: Source(journald));
        await journald.StartAsync();
        File.CreateSymbolicLink(server.Log, journald.Socket);
        await server.StartAsync();
        await PutAsync(server, "old");
        await node.StartAsync();
        await Until.TrueAsync("it is read", async () => (await node.SourceAsync("ssh")).Text("state") == "reading");
        await PutAsync(server, "first");
        await Until.TrueAsync("it is told", async () => (await UploadsAsync(node)).Count == 1);
        await node.Process!.KillAsync();
        await PutAsync(server, "second");
        await node.StartAsync();
        await Until.TrueAsync("both are told", async () => (await UploadsAsync(node)).Count >= 2);
        Assert.Equal(["first", "second"], await UploadsAsync(node));
    }

    private static string Source(Journald journald) => $$"""{ "name": "ssh", "kind": "openssh-log", "journal": true, "journal_folder": "{{journald.Folder}}" }""";

    private static async Task PutAsync(SftpServer server, string name) =>
        Assert.Equal(0, await server.SftpAsync(string.Create(CultureInfo.InvariantCulture, $"put {server.LocalFile("small", 20_000)} {name}")));

    private static async Task<List<string>> UploadsAsync(TestNode node) =>
        [.. (await node.ItemsAsync("/api/v1/events?kind=upload")).Select(e => Path.GetFileName(e.Text("path"))!)];
}
