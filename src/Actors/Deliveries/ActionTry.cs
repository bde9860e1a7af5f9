using System.Text;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Deliveries;

/// <summary>One try of what a rule owes, on whatever node it happens.</summary>
/// <param name="book">The rules of that node and its users.</param>
/// <param name="runner">Runs actions.</param>
/// <param name="node">Name of the node.</param>
public sealed class ActionTry(RuleBook book, IActionRunner runner, string node)
{
    /// <summary>Tries once. A rule or an action that there is no more is an outcome.</summary>
    /// <param name="delivery">What is owed.</param>
    /// <param name="step">Index of the action.</param>
    /// <param name="attempt">Number of the try, from 1.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended; the action may have been done wholly, partly or not at all.</exception>
    public Task<ActionOutcome> RunAsync(NewDelivery delivery, int step, int attempt, CancellationToken cancel)
    {
        if (book.Rules.Find(delivery.Rule) is not { } rule)
            return Never($"There is no rule '{delivery.Rule}' any more on node {node}. Put it back and retry the delivery, or drop it.");
        var actions = DeliveryStep.ActionsOf(rule, delivery);
        if (step >= actions.Count)
            return Never($"Rule '{rule.Name}' has no action {step + 1} any more on node {node}. Retry the delivery when it has, or drop it.");

        var facts = Facts.Parse(Encoding.UTF8.GetBytes(delivery.Facts));
        var user = facts.Text("user") is { } login ? book.Users?.Find(login) : null;
        return runner.RunAsync(new ActionContext(actions[step], rule.Name, delivery.Key, attempt, facts, facts.Text("host") == node, user), cancel);
    }

    /// <summary>The outcome of a fault of ours, in whatever it shows: it is told with the delivery and tried again as patiently as any other failure.</summary>
    public static ActionOutcome Fault(Exception e) => ActionOutcome.Later($"A fault of this program, which its log has in full: {e.Message}");

    private static Task<ActionOutcome> Never(string summary) => Task.FromResult(ActionOutcome.Never(summary));
}
