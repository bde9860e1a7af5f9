using System.Text;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Handlers;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Deliveries;

/// <summary>What a try's outcome means for its delivery: pure.</summary>
internal static class DeliveryStep
{
    /// <summary>Trigger of the delivery that runs a rule's <c>on_failure</c> actions.</summary>
    public const string OnFailure = "on_failure";

    /// <summary>The actions that a delivery owes by the rule as it is now.</summary>
    public static IReadOnlyList<ActionSpec> ActionsOf(Rule rule, NewDelivery delivery) =>
        delivery.Trigger == OnFailure ? rule.OnFailure : rule.Steps;

    /// <summary>The delivery after a try.</summary>
    /// <param name="delivery">Before it.</param>
    /// <param name="rule">Its rule; null when that is gone.</param>
    /// <param name="rules">For what waits for dead letters.</param>
    /// <param name="made">The try.</param>
    /// <param name="outcome">How it went.</param>
    /// <param name="random">From 0 to below 1, for the jitter.</param>
    public static DeliveryTried After(DeliveryRecord delivery, Rule? rule, RuleSet rules, DeliveryTry made, ActionOutcome outcome, double random)
    {
        var next = new DeliveryTried(delivery.Id, DeliveryState.Done, delivery.Step + 1, 0, made.EndedAt, made, []);
        if (outcome.Succeeded)
        {
            var isLast = rule is null || delivery.Step + 1 >= ActionsOf(rule, delivery.Delivery).Count;
            return isLast ? next : next with { State = DeliveryState.Due };
        }

        var attempt = delivery.Attempt + 1;
        var failed = next with { Step = delivery.Step, Attempt = attempt };
        if (outcome.IsVerdict && rule is not null && ActionsOf(rule, delivery.Delivery).ElementAtOrDefault(delivery.Step) is ValidAction valid)
        {
            return valid.NextLook(delivery.CreatedAt, made.EndedAt, attempt, random) is { } look
                ? failed with { State = DeliveryState.Due, DueAt = look }
                : failed with { State = DeliveryState.Dead, Followups = Followups(delivery, rule, rules, made, attempt) };
        }
        // What is done on failure is tried once: a failure of it is the person's to see among the dead letters.
        if (rule is not null && outcome.Retryable && rule.Retry.HasNext(attempt) && delivery.Delivery.Trigger != OnFailure)
            return failed with { State = DeliveryState.Due, DueAt = made.EndedAt + rule.Retry.Delay(attempt, random, outcome.RetryAfter) };
        return failed with { State = DeliveryState.Dead, Followups = Followups(delivery, rule, rules, made, attempt) };
    }

    private static List<NewDelivery> Followups(DeliveryRecord dead, Rule? rule, RuleSet rules, DeliveryTry made, int attempts)
    {
        var followups = new List<NewDelivery>();
        var delivery = dead.Delivery;
        // No dead letter calls for another one, or a broken mail server would be told about for ever.
        if (delivery.Trigger is OnFailure or "dead_letter")
            return followups;
        if (rule is { OnFailure.Count: > 0 })
            followups.Add(delivery with { Key = delivery.Key + "/on_failure", Trigger = OnFailure, Ordered = false, DueAt = made.EndedAt });

        var facts = Facts.Parse(Encoding.UTF8.GetBytes(delivery.Facts));
        var host = facts.Text("host") ?? "";
        var waiting = rules.MatchNotice(TriggerKind.DeadLetter, host, facts.Text("service") ?? "", facts.Text("user") ?? "");
        followups.AddRange(waiting.Select(waiter => new NewDelivery(
            Key: $"{waiter.Name}/{delivery.Key}/dead_letter", waiter.Name, TriggerNames.Of(TriggerKind.DeadLetter), Session: null, Ordered: false,
            OnHost: waiter.Where == RulePlace.OnHost ? host : null,
            Encoding.UTF8.GetString(Facts.OfNotice(TriggerKind.DeadLetter, made.EndedAt, host, About(dead, facts, made, attempts)).Json.Span),
            made.EndedAt, delivery.Replay)));
        return followups;
    }

    private static Dictionary<string, object?> About(DeliveryRecord dead, Facts facts, DeliveryTry made, int attempts) => new(StringComparer.Ordinal)
    {
        ["service"] = facts.Text("service") ?? "",
        ["user"] = facts.Text("user") ?? "",
        ["remote_host"] = facts.Text("remote_host") ?? "",
        ["path"] = facts.Text("path"),
        ["session_id"] = dead.Delivery.Session,
        ["cause"] = dead.Delivery.Key,
        ["outcome"] = made.Summary,
        ["attempts"] = (long)attempts,
    };
}
