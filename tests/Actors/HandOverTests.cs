using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using FtpActors.Journal.Postgres;
using FtpActors.Journal.Tests.Postgres;
using FtpActors.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using static FtpActors.Actors.Tests.Play;

namespace FtpActors.Actors.Tests;

/// <summary>Real programs that run while their shard goes from one node to another, on a real PostgreSQL.</summary>
[Collection("postgres")]
public sealed class HandOverTests(PostgresServer server)
{
    private static readonly HashSet<int> All = [0, 1];

    [Fact]
    public async Task An_action_that_runs_when_its_shard_is_given_back_ends_in_peace_and_is_not_run_again_elsewhere()
    {
        var folder = Directory.CreateTempSubdirectory("ftpactors-handover-").FullName;
        var (begun, go) = (Path.Combine(folder, "begun"), Path.Combine(folder, "go"));
        var database = await server.MakeDatabaseAsync();
        await using var one = await NodeAsync("one", database, begun, go);
        await using var two = await NodeAsync("two", database, begun, go);
        one.Group.Want(All);
        await one.Journal.AppendAsync("0011223344556677", "ftp1", 0, [Event(EventKind.Upload, 1, "anna", "/a", 5)]);
        await UntilAsync("the program runs", () => Task.FromResult(File.Exists(begun)));

        one.Group.Want(new HashSet<int>());
        two.Group.Want(All);
        // Sessions go on meanwhile: what comes now is applied by the one that is about to leave.
        await one.Journal.AppendAsync("0011223344556677", "ftp1", 1, [Event(EventKind.Delete, 2, "anna", "/b")]);
        await UntilAsync("it is applied", async () => (await one.Journal.ReadBacklogAsync()).All(s => s.Waiting == 0));
        await File.WriteAllTextAsync(go, "");
        await UntilAsync("the other has both shards", () => Task.FromResult(two.Group.Held.SetEquals(All)));

        Assert.Equal("x\n", await File.ReadAllTextAsync(begun));
        IDeliveries deliveries = two.Journal;
        var tries = await deliveries.ReadTriesAsync(1);
        Assert.Equal(("one", true), (Assert.Single(tries).Node, tries[0].Succeeded));
        Directory.Delete(folder, recursive: true);
    }

    // The program says that it has begun, and waits to be let go.
    private async Task<Node> NodeAsync(string name, string database, string begun, string go)
    {
        string[] command = ["/bin/sh", "-c", "echo x >>\"$0\"; until test -e \"$1\"; do sleep 0.05; done", begun, go];
        var rule = new Rule
        {
            Name = "slow", On = [TriggerKind.Upload],
            Actions = [new ExecAction(command[0], [.. command[1..].Select(a => Template.Compile(a))], new Dictionary<string, Template>(), "/", null, null, TimeSpan.FromMinutes(1))],
        };
        var journal = await server.OpenAsync(database, shards: 2);
        var runners = new ActionRunners(new ExecOptions(), null, TimeProvider.System);
        var actor = new DeliveryActor(
            journal, new RuleBook(new RuleSet([rule]), null), runners, new DeliveryOptions { Node = name, Grace = TimeSpan.FromSeconds(30) }, new ActionSlots(4),
            TimeProvider.System, NullLoggerFactory.Instance);
        var group = new ShardGroup(journal, name, new ShardOptions(), new Horizon(), TimeProvider.System, NullLoggerFactory.Instance, actor);
        group.StartEmpty();
        return new Node(journal, group, runners);
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within a minute: {what}");
            await Task.Delay(20);
        }
    }

    private sealed record Node(PostgresJournal Journal, ShardGroup Group, ActionRunners Runners) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Group.DisposeAsync();
            await Journal.DisposeAsync();
            Runners.Dispose();
        }
    }
}
