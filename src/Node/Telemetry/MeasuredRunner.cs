using System.Diagnostics;
using System.Globalization;
using FtpActors.Actors.Actions;

namespace FtpActors.Node.Telemetry;

/// <summary>Counts tries of actions, how they end and how long they take.</summary>
internal sealed class MeasuredRunner(IActionRunner runner, NodeMetrics metrics, EventTrace trace, TimeProvider time) : IActionRunner
{
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var (began, begunAt) = (Stopwatch.GetTimestamp(), time.GetUtcNow());
        var outcome = await runner.RunAsync(context, cancel);
        metrics.Tried(context.Rule, context.Action.Kind, outcome.Succeeded, Stopwatch.GetElapsedTime(began));
        if (trace.IsOn && EventOf(context.DeliveryKey) is var (spool, seq) && trace.IsTraced(seq))
            trace.Done("action", spool, seq, begunAt, time.GetUtcNow(), new("ftpactors.rule", context.Rule), new("ftpactors.action", context.Action.Kind), new("ftpactors.succeeded", outcome.Succeeded));
        return outcome;
    }

    // Of a rule on events the key is rule/spool-seq; others have no event of their own.
    private static (string Spool, long Seq)? EventOf(string key) =>
        key.Split('/') is [_, var identity] && identity.LastIndexOf('-') is > 0 and var dash && long.TryParse(identity.AsSpan(dash + 1), CultureInfo.InvariantCulture, out var seq)
            ? (identity[..dash], seq)
            : null;
}
