using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using FtpActors.Journal.Sqlite;
using FtpActors.Journal.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace FtpActors.Actors.Tests;

public sealed class MissingRuleTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-missing-rule-").FullName;
    private SqliteJournal _journal = null!;

    private IDeliveries Deliveries => _journal;

    public async Task InitializeAsync() => _journal = await SqliteJournal.OpenAsync(new SqliteJournalOptions { Folder = _folder, Shards = 1, Host = "ftp1" });

    public async Task DisposeAsync()
    {
        await _journal.DisposeAsync();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task A_delivery_whose_rule_is_gone_becomes_a_dead_letter_that_is_done_by_a_retry_when_the_rule_is_back()
    {
        var done = Path.Combine(_folder, "done");
        var book = new RuleBook(RuleSet.Empty, null);
        var lease = await _journal.TakeShardAsync(0, "me");
        using var runner = new FileRunner(TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var actor = new DeliveryActor(
            _journal, book, runner, new DeliveryOptions { Node = "me", Grace = TimeSpan.Zero }, new ActionSlots(4), TimeProvider.System, NullLoggerFactory.Instance);
        actor.Own(0, lease.Epoch);
        var running = Task.Run(() => actor.RunAsync(stop.Token));

        await Deliveries.AddAsync(0, [new NewDelivery("key", "rule", "upload", null, false, null, "{}", DateTimeOffset.UtcNow.AddSeconds(-1), null)]);
        actor.Wake(0);
        await Eventually.IsTrueAsync(async () => await StateAsync() == DeliveryState.Dead, "it is a dead letter");
        Assert.Contains("There is no rule 'rule' any more", Assert.Single(await Deliveries.ReadTriesAsync(1)).Summary, StringComparison.Ordinal);

        book.Rules = new RuleSet([new Rule { Name = "rule", On = [TriggerKind.Upload], Actions = [new FileAction(done)] }]);
        await Deliveries.RetryAsync(new DeliveryQuery { Rule = "rule" }, DateTimeOffset.UtcNow);
        actor.Wake(0);
        await Eventually.IsTrueAsync(async () => await StateAsync() == DeliveryState.Done, "it is done");
        Assert.Single(await File.ReadAllLinesAsync(done));

        await stop.CancelAsync();
        await running;
    }

    private async Task<DeliveryState> StateAsync()
    {
        await foreach (var delivery in Deliveries.QueryAsync(new DeliveryQuery(), CancellationToken.None))
            return delivery.State;
        throw new InvalidOperationException("There is no delivery.");
    }
}
