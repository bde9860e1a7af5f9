using System.Text;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;
using FtpActors.Journal;
using Microsoft.Extensions.Logging;

namespace FtpActors.Actors.Deliveries;

/// <summary>
/// One delivery, from the action that is next to its end or its next failure. At least once: a try is stored after it ended, so whoever dies
/// in between leaves the delivery due, and it is tried again with the same key.
/// </summary>
internal sealed class DeliveryRun(IDueDeliveries store, RuleBook book, IActionRunner runner, string node, TimeProvider time, ILogger log)
{
    /// <summary>Runs the rest of the chain, each try stored before the next one begins.</summary>
    /// <exception cref="ShardLostException">The shard has a newer owner.</exception>
    /// <exception cref="ClaimLostException">The host's delivery is claimed by another run of its node.</exception>
    /// <exception cref="OperationCanceledException">The line was ended.</exception>
    public async Task RunAsync(DeliveryRecord delivery, ShardLine line)
    {
        while (true)
        {
            var progress = await TryOnceAsync(delivery, line).ConfigureAwait(false);
            if (progress.State == DeliveryState.Dead)
                log.DeadLetter(delivery.Delivery.Key, delivery.Id, progress.Try.Summary);
            await StoreAsync(progress, line).ConfigureAwait(false);
            if (progress.State != DeliveryState.Due || progress.Attempt > 0)
                return;
            delivery = delivery with { Step = progress.Step, Attempt = 0 };
        }
    }

    private async Task<DeliveryProgress> TryOnceAsync(DeliveryRecord delivery, ShardLine line)
    {
        var rules = book.Rules;
        var rule = rules.Find(delivery.Delivery.Rule);
        var started = time.GetUtcNow();
        var outcome = await RunActionAsync(delivery, rule, line.End).ConfigureAwait(false);
        var made = new DeliveryTry(
            0, delivery.Step, node, started, time.GetUtcNow(), outcome.Succeeded, outcome.Code, outcome.Summary, outcome.FirstOutput, outcome.LastOutput);
        return DeliveryStep.After(delivery, rule, rules, line.Epoch, made, outcome, Random.Shared.NextDouble());
    }

    private Task<ActionOutcome> RunActionAsync(DeliveryRecord delivery, Rule? rule, CancellationToken end)
    {
        if (rule is null)
            return Never($"There is no rule '{delivery.Delivery.Rule}' any more. Put it back and retry the delivery, or drop it.");
        var actions = DeliveryStep.ActionsOf(rule, delivery.Delivery);
        if (delivery.Step >= actions.Count)
            return Never($"Rule '{rule.Name}' has no action {delivery.Step + 1} any more. Retry the delivery when it has, or drop it.");

        var facts = Facts.Parse(Encoding.UTF8.GetBytes(delivery.Delivery.Facts));
        var user = facts.Text("user") is { } login ? book.Users?.Find(login) : null;
        return runner.RunAsync(
            new ActionContext(
                actions[delivery.Step], rule.Name, delivery.Delivery.Key, delivery.Attempt + 1, facts, facts.Text("host") == node, user),
            end);
    }

    private async Task StoreAsync(DeliveryProgress progress, ShardLine line)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await store.StoreTryAsync(progress).ConfigureAwait(false);
                return;
            }
            catch (JournalUnavailableException e)
            {
                log.DeliveriesWait(line.Shard, e.Message);
                await Task.Delay(backoff.Next(), time, line.End).ConfigureAwait(false);
            }
        }
    }

    private static Task<ActionOutcome> Never(string summary) => Task.FromResult(new ActionOutcome(false, Retryable: false, null, summary));
}
