using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Actors.Tests.Handlers;

namespace FtpActors.Actors.Tests;

public sealed class MissingRuleTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ftpactors-missing-rule-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_delivery_whose_rule_is_gone_becomes_a_dead_letter_that_is_done_by_a_retry_when_the_rule_is_back()
    {
        var done = Path.Combine(_folder, "done");
        using var runner = new FileRunner(TimeProvider.System);
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1, runner: runner);
        var handlers = new AllHandlers(engine.Handlers, 1);
        await handlers.ReadyAsync(default);

        Assert.Equal(1, await handlers.AddAsync(0, [new NewDelivery("key", "rule", "upload", null, false, null, "{}", DateTimeOffset.UtcNow.AddSeconds(-1), null)]));
        await Eventually.IsTrueAsync(async () => await StateAsync(engine) == DeliveryState.Dead, "it is a dead letter");
        Assert.Contains("There is no rule 'rule' any more", Assert.Single(await engine.History.ReadTriesAsync(1)).Summary, StringComparison.Ordinal);

        engine.Book.Rules = new RuleSet([new Rule { Name = "rule", On = [TriggerKind.Upload], Actions = [new FileAction(done)] }]);
        Assert.Equal(1, await new DeliveryDesk(engine.History, handlers).RetryAsync(new DeliveryQuery { Rule = "rule" }, default));
        await Eventually.IsTrueAsync(async () => await StateAsync(engine) == DeliveryState.Done, "it is done");
        Assert.Single(await File.ReadAllLinesAsync(done));
    }

    [Fact]
    public async Task What_was_taken_off_is_forgotten_with_its_tries_when_its_time_is_over_and_dead_letters_stay()
    {
        await using var engine = await HandlerEngine.StartAsync(_folder, handlers: 1);
        var handlers = new AllHandlers(engine.Handlers, 1);
        var desk = new DeliveryDesk(engine.History, handlers);
        await handlers.ReadyAsync(default);
        var now = DateTimeOffset.UtcNow;
        await handlers.AddAsync(0, [new NewDelivery("a", "gone", "upload", null, false, null, "{}", now, null), new NewDelivery("b", "gone", "upload", null, false, null, "{}", now, null)]);
        await Eventually.IsTrueAsync(
            async () => (await engine.DeliveriesAsync()) is { Count: 2 } all && all.All(d => d.State == DeliveryState.Dead), "both are dead letters");
        Assert.Equal(1, await desk.DropAsync(new DeliveryQuery { Ids = [1] }, default));
        await Eventually.IsTrueAsync(async () => (await engine.DeliveriesAsync())[0].State == DeliveryState.Dropped, "one is taken off");

        Assert.Equal(0, await desk.ForgetAsync(now.AddMinutes(-1), default));
        Assert.Equal(1, await desk.ForgetAsync(DateTimeOffset.UtcNow.AddMinutes(1), default));
        Assert.Equal(("b", DeliveryState.Dead), (await engine.DeliveriesAsync()) is [var left] ? (left.Delivery.Key, left.State) : default);
        Assert.Equal(0, await desk.RetryAsync(new DeliveryQuery { Ids = [1] }, default));
    }

    private static async Task<DeliveryState?> StateAsync(HandlerEngine engine) => (await engine.DeliveriesAsync()) is [var only] ? only.State : null;
}
