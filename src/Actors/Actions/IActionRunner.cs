using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions;

/// <summary>One try of one action.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Rule">Name of the rule.</param>
/// <param name="DeliveryKey">The idempotency key: the same on every try of the delivery.</param>
/// <param name="Attempt">Number of this try, from 1.</param>
/// <param name="Facts">What happened.</param>
/// <param name="FileIsLocal">Whether the file of the facts is on this machine, so that its size and owner can be told.</param>
/// <param name="UserInfo">The user's fields of the user directory, null when it has no such user.</param>
public sealed record ActionContext(
    ActionSpec Action, string Rule, string DeliveryKey, int Attempt, Facts Facts, bool FileIsLocal, IReadOnlyDictionary<string, object?>? UserInfo)
{
    /// <summary>What templates see: the facts, the delivery and the user's fields.</summary>
    public IReadOnlyDictionary<string, object?> TemplateValues() => new Dictionary<string, object?>(Facts.Values, StringComparer.Ordinal)
    {
        ["rule"] = Rule,
        ["delivery_key"] = DeliveryKey,
        ["attempt"] = (long)Attempt,
        ["user_info"] = UserInfo ?? new Dictionary<string, object?>(),
    };
}

/// <summary>How a try went.</summary>
/// <param name="Succeeded">Done.</param>
/// <param name="Retryable">Whether another try can help; without meaning when it succeeded.</param>
/// <param name="Code">Exit code (128 + number for a signal), HTTP status or SMTP reply; null when it did not come so far.</param>
/// <param name="Summary">One line for a person: what went wrong and the way out.</param>
/// <param name="FirstOutput">The first 4 KiB of output or answer, in the form of <see cref="Protocol.ReversibleText"/>.</param>
/// <param name="LastOutput">The last 4 KiB of what came after that; "" when everything is in <paramref name="FirstOutput"/>.</param>
/// <param name="RetryAfter">The other side asked not to be tried again before this time has passed; at most a day.</param>
public sealed record ActionOutcome(
    bool Succeeded, bool Retryable, int? Code, string Summary, string FirstOutput = "", string LastOutput = "", TimeSpan? RetryAfter = null)
{
    /// <summary>A failure that the other side's own answer says, a code; not that it could not be asked.</summary>
    public bool IsVerdict => !Succeeded && Retryable && Code is not null;

    internal static ActionOutcome Never(string summary) => new(false, Retryable: false, null, summary);

    internal static ActionOutcome Later(string summary) => new(false, Retryable: true, null, summary);
}

/// <summary>Does actions of one kind. Safe for callers on any thread; how many run at once is the caller's to bound.</summary>
public interface IActionRunner
{
    /// <summary>
    /// Tries once. Everything that the other side or the machine can do wrong is an outcome, not an exception; the timeout of the action too.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was given; the action may have been done wholly, partly or not at all.</exception>
    Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel);
}
