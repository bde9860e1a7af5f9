using FtpActors.Actors.Actions;
using FtpActors.Actors.Deliveries;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;
using FtpActors.Protocol.Globs;

namespace FtpActors.Actors.Tests;

public sealed class DeliveryStepTests
{
    private static readonly DateTimeOffset Ended = Play.Start.AddSeconds(5);

    private static readonly RuleSet Rules = new(
    [
        new Rule { Name = "two", On = [TriggerKind.Upload], Actions = [File("/a"), File("/b")], Retry = new RetryPolicy(3, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)), OnFailure = [File("/failed")] },
        new Rule { Name = "watch", On = [TriggerKind.DeadLetter], Actions = [File("/dead")], Retry = new RetryPolicy(1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)) },
        new Rule { Name = "watch-bob", On = [TriggerKind.DeadLetter], User = [Glob.ForName("bob", false)], Actions = [File("/bob")] },
        new Rule { Name = "valid", On = [TriggerKind.Upload], Actions = [File("/a")], Retry = new RetryPolicy(2, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), OnFailure = [File("/failed")],
            Valid = new ValidAction([new Expectation(ExpectationKind.Done, BesideName.Parse("{name}.done"))], null, Wait: TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1)) },
    ]);

    [Fact]
    public void A_success_goes_on_with_the_next_action_and_the_last_one_ends_the_delivery()
    {
        var first = After(Delivery("two"), Success);
        Assert.Equal((DeliveryState.Due, 1, 0), (first.State, first.Step, first.Attempt));
        var last = After(Delivery("two") with { Step = 1 }, Success);
        Assert.Equal(DeliveryState.Done, last.State);
    }

    [Fact]
    public void A_failure_is_tried_again_at_the_same_step_after_a_jittered_growing_wait()
    {
        var first = After(Delivery("two") with { Step = 1 }, Failure, random: 0.5);
        Assert.Equal((DeliveryState.Due, 1, 1, Ended.AddSeconds(1)), (first.State, first.Step, first.Attempt, first.DueAt));
        var second = After(Delivery("two") with { Step = 1, Attempt = 1 }, Failure, random: 0.5);
        Assert.Equal(Ended.AddSeconds(2), second.DueAt);
        var asked = After(Delivery("two"), Failure with { RetryAfter = TimeSpan.FromSeconds(30) });
        Assert.Equal(Ended.AddSeconds(30), asked.DueAt);
    }

    [Fact]
    public void After_the_last_try_it_is_a_dead_letter_that_calls_for_what_is_done_on_failure_and_tells_who_waits_for_dead_letters()
    {
        var dead = After(Delivery("two") with { Attempt = 2 }, Failure);
        Assert.Equal((DeliveryState.Dead, 3), (dead.State, dead.Attempt));
        Assert.Equal(["two/s-1/on_failure", "watch/two/s-1/dead_letter"], dead.Followups.Select(f => f.Key));
        Assert.All(dead.Followups, f => Assert.False(f.Ordered));
        Assert.Contains("two/s-1", dead.Followups[1].Facts, StringComparison.Ordinal);
    }

    [Fact]
    public void What_trying_again_cannot_mend_is_a_dead_letter_at_once() =>
        Assert.Equal(DeliveryState.Dead, After(Delivery("two"), Failure with { Retryable = false }).State);

    [Theory]
    [InlineData("two", "on_failure")]
    [InlineData("watch", "dead_letter")]
    public void No_dead_letter_of_a_dead_letter_calls_for_another_one(string rule, string trigger)
    {
        var delivery = Delivery(rule);
        var dead = After(delivery with { Delivery = delivery.Delivery with { Trigger = trigger } }, Failure);
        Assert.Equal(DeliveryState.Dead, dead.State);
        Assert.Empty(dead.Followups);
    }

    [Fact]
    public void What_is_not_valid_is_asked_again_until_its_wait_is_over_whatever_the_attempts_are()
    {
        var (planned, at, looks) = (Delivery("valid"), Play.Start, 0);
        DeliveryTried next;
        do
        {
            next = After(planned with { Attempt = looks++ }, Failure, random: 0.99, ended: at);
            Assert.True(next.State == DeliveryState.Dead || next.DueAt > at);
            at = next.DueAt;
        }
        while (next.State == DeliveryState.Due && looks < 100);
        Assert.Equal((DeliveryState.Dead, Play.Start.AddMinutes(10)), (next.State, at));
        Assert.InRange(looks, 10, 60);
        Assert.Contains(next.Followups, f => f.Key == "valid/s-1/on_failure");
        Assert.Equal(DeliveryState.Due, After(planned with { Attempt = 50 }, Failure, ended: Play.Start).State);
    }

    [Fact]
    public void What_could_not_be_asked_is_tried_as_any_action_and_what_is_valid_goes_on_with_the_first_action()
    {
        var unable = Failure with { Code = null };
        Assert.Equal(DeliveryState.Due, After(Delivery("valid"), unable).State);
        Assert.Equal(DeliveryState.Dead, After(Delivery("valid") with { Attempt = 1 }, unable).State);
        var valid = After(Delivery("valid"), Success);
        Assert.Equal((DeliveryState.Due, 1), (valid.State, valid.Step));
        Assert.Equal(DeliveryState.Done, After(Delivery("valid") with { Step = 1 }, Success).State);
        Assert.Equal(DeliveryState.Dead, After(Delivery("valid") with { Step = 1, Attempt = 1 }, Failure).State);
    }

    private static ActionOutcome Success => new(true, false, 0, "ok");

    private static ActionOutcome Failure => new(false, Retryable: true, 1, "failed");

    private static FileAction File(string path) => new(path);

    private static DeliveryRecord Delivery(string rule) => new(
        7, 0, new NewDelivery($"{rule}/s-1", rule, "upload", "s-1", true, null, """{"kind":"upload","host":"ftp1","user":"anna","path":"/x"}""", Play.Start, null),
        DeliveryState.Due, 0, 0, Play.Start, null);

    private static DeliveryTried After(DeliveryRecord delivery, ActionOutcome outcome, double random = 0.9, DateTimeOffset? ended = null) => DeliveryStep.After(
        delivery, Rules.Find(delivery.Delivery.Rule), Rules,
        new DeliveryTry(0, delivery.Step, "ftp1", Play.Start, ended ?? Ended, outcome.Succeeded, outcome.Code, outcome.Summary, "", ""), outcome, random);
}
