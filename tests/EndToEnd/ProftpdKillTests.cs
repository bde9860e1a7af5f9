using FtpActors.Tests.Shared;
using Microsoft.Data.Sqlite;

namespace FtpActors.EndToEnd.Tests;

/// <summary>kill -9 of a node that reads a topic, at every step of a message's way. The broker or a lock on the spool's file holds it at the step, so that the kill meets it there.</summary>
public sealed class ProftpdKillTests : IAsyncLifetime
{
    private const int Sessions = 40;
    private readonly KafkaBroker _broker = new();
    private readonly TestNode _node;
    private int _sent;

    public ProftpdKillTests()
    {
        _broker.CreateTopic(ProftpdTopic.Name, ProftpdTopic.Partitions);
        _node = new TestNode(sources: ProftpdTopic.Source(_broker, timeout: 2000));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _broker.Dispose();
    }

    [Fact]
    public async Task A_node_that_is_killed_at_any_step_of_a_messages_way_loses_and_doubles_nothing()
    {
        await DieBeforeThePollAsync();
        await DieBetweenPollAndSpoolAsync();
        await DieAfterTheCommitAsync();
        await DieBetweenSpoolAndCommitAsync();

        await _node.StartAsync();
        await Until.TrueAsync("all sessions have ended", async () => (await _node.ItemsAsync("/api/v1/sessions")).Count(s => s.Text("ended") == "logout") >= _sent);
        var sessions = await _node.ItemsAsync("/api/v1/sessions");
        Assert.Equal(_sent, sessions.Count);
        Assert.All(sessions, s => Assert.Equal((1, 1, "login"), (s.Whole("uploads"), s.Whole("renames"), s.Text("began"))));
        // Nothing was even stored twice: the spool knows how far it is.
        Assert.Equal(_sent * ProftpdTopic.Messages, (await _node.GetAsync("/api/v1/status")).Whole("events"));
        // Also with no further message, or a node that takes over much later would read them again.
        await Until.TrueAsync("what was stored before the kill is committed", async () => await CommittedAsync() == _sent * ProftpdTopic.Messages);
    }

    private async Task DieBeforeThePollAsync()
    {
        _broker.Refuse(KafkaRequest.Fetch);
        Write();
        await _node.StartAsync();
        await FetchesAsync(1);
        await _node.KillAsync();
        _broker.Allow(KafkaRequest.Fetch);
        Assert.Equal(0, await CommittedAsync());
    }

    private async Task DieBetweenPollAndSpoolAsync()
    {
        await _node.StartAsync();
        await Until.TrueAsync("what the first life left is committed", async () => await CommittedAsync() == _sent * ProftpdTopic.Messages);
        var committed = await CommittedAsync();
        await using (await LockedSpoolAsync())
        {
            Write();
            // The broker answers with what it has, or after half a second with nothing: messages are in hand long before the fifth question.
            await FetchesAsync(5);
            await _node.KillAsync();
        }
        Assert.Equal(committed, await CommittedAsync());
    }

    private async Task DieAfterTheCommitAsync()
    {
        await _node.StartAsync();
        Write();
        await Until.TrueAsync("all is committed", async () => await CommittedAsync() == _sent * ProftpdTopic.Messages);
        await _node.KillAsync();
    }

    private async Task DieBetweenSpoolAndCommitAsync()
    {
        var committed = await CommittedAsync();
        _broker.Refuse(KafkaRequest.OffsetCommit);
        await _node.StartAsync();
        Write();
        await Until.TrueAsync("all is stored", async () => (await _node.GetAsync("/api/v1/status")).Whole("events") == _sent * ProftpdTopic.Messages);
        await _node.KillAsync();
        _broker.Allow(KafkaRequest.OffsetCommit);
        Assert.Equal(committed, await CommittedAsync());
    }

    private void Write()
    {
        _broker.Write(ProftpdTopic.Name, Enumerable.Range(_sent, Sessions).SelectMany(ProftpdTopic.Session));
        _sent += Sessions;
    }

    private Task<long> CommittedAsync() => _broker.CommittedAsync(ProftpdTopic.Group, ProftpdTopic.Name, ProftpdTopic.Partitions);

    private Task FetchesAsync(int more)
    {
        var before = _broker.Requests(KafkaRequest.Fetch);
        return Until.TrueAsync($"{more} more requests for messages", () => _broker.Requests(KafkaRequest.Fetch) >= before + more);
    }

    /// <summary>The node waits for the file as it does for a backup; shorter than it would give up.</summary>
    private async Task<SqliteConnection> LockedSpoolAsync()
    {
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(_node.Data, "spool.db"), Mode = SqliteOpenMode.ReadWrite, Pooling = false };
        var connection = new SqliteConnection(file.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
