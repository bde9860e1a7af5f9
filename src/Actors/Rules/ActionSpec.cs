namespace FtpActors.Actors.Rules;

/// <summary>What a rule does, checked and with its templates compiled. One record per kind; a new kind is a new record and a new runner.</summary>
/// <param name="Kind">The key that names it in the rule: exec, mail, webhook, file, kafka; valid, which stands before them.</param>
/// <param name="Timeout">Longest time for one try.</param>
public abstract record ActionSpec(string Kind, TimeSpan Timeout);

/// <summary>Runs a program, without a shell.</summary>
/// <param name="Program">Full path.</param>
/// <param name="Arguments">Arguments after the program, each exactly one argument whatever its bytes.</param>
/// <param name="Environment">Variables of the rule, after the facts, so they win.</param>
/// <param name="Folder">Working folder.</param>
/// <param name="User">Login name or number to run as; null for the node's own.</param>
/// <param name="Group">Group name or number; null for the user's own.</param>
/// <param name="Timeout">After this the whole process group is ended.</param>
public sealed record ExecAction(
    string Program, IReadOnlyList<Template> Arguments, IReadOnlyDictionary<string, Template> Environment, string Folder, string? User, string? Group,
    TimeSpan Timeout) : ActionSpec("exec", Timeout);

/// <summary>Sends a mail.</summary>
/// <param name="To">Each gives exactly one address, with or without a name (<see cref="Actions.MailAddresses"/>).</param>
/// <param name="Cc">Each gives exactly one address.</param>
/// <param name="From">Sender; null for the node's own.</param>
/// <param name="ReplyTo">Where answers go; null for none.</param>
/// <param name="Subject">One line; line breaks in values become spaces.</param>
/// <param name="Body">Body in the rule itself; null when it is in a file.</param>
/// <param name="BodyFile">Full path of a template; <c>*.html.hbs</c> makes an HTML mail with escaped values. Null when the body is in the rule.</param>
/// <param name="Timeout">Longest time for the talk with the server.</param>
public sealed record MailAction(
    IReadOnlyList<Template> To, IReadOnlyList<Template> Cc, Template? From, Template? ReplyTo, Template Subject, Template? Body, string? BodyFile,
    TimeSpan Timeout) : ActionSpec("mail", Timeout);

/// <summary>Posts a CloudEvent.</summary>
/// <param name="Url">Where; http or https.</param>
/// <param name="SecretFile">File with the key of the signature; null for none.</param>
/// <param name="SecretVariable">Environment variable of the node with the key; null for none.</param>
/// <param name="Headers">Further headers, fixed.</param>
/// <param name="FollowRedirects">Whether a 3xx is followed. Off by default: the facts would go to a place nobody wrote down.</param>
/// <param name="Timeout">Longest time from connecting to the end of the answer.</param>
public sealed record WebhookAction(
    Uri Url, string? SecretFile, string? SecretVariable, IReadOnlyDictionary<string, string> Headers, bool FollowRedirects, TimeSpan Timeout)
    : ActionSpec("webhook", Timeout);

/// <summary>Appends the facts as one JSON line.</summary>
/// <param name="Path">Full path of the file; made when it is not there.</param>
public sealed record FileAction(string Path) : ActionSpec("file", TimeSpan.FromSeconds(30));

/// <summary>Writes a message to a topic; its key is the session's, so that a session stays in one partition.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Format">Name of the format in section <c>kafka</c>.</param>
/// <param name="Timeout">After this the message counts as not written; it may be there all the same.</param>
public sealed record KafkaAction(string Topic, string Format, TimeSpan Timeout) : ActionSpec("kafka", Timeout);

/// <summary>Asks whether an upload is whole, before anything else of its rule is done. All that is expected must hold.</summary>
/// <param name="Expected">What files beside the upload say.</param>
/// <param name="Program">Its exit code decides, after these; null for none.</param>
/// <param name="Wait">How long after the delivery was planned it is asked again while it does not hold.</param>
/// <param name="Timeout">Longest time to read the upload.</param>
public sealed record ValidAction(IReadOnlyList<Expectation> Expected, ExecAction? Program, TimeSpan Wait, TimeSpan Timeout) : ActionSpec("valid", Timeout)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether a file is one of those that say something of others.</summary>
    public bool IsBeside(string path) => Expected.Any(e => e.Beside.Fits(path));

    /// <summary>When it is asked again; null when the wait is over.</summary>
    /// <param name="planned">When the delivery was planned.</param>
    /// <param name="asked">When it was asked last, and did not hold.</param>
    /// <param name="attempt">How often it was asked.</param>
    /// <param name="random">From 0 to below 1, for the jitter.</param>
    public DateTimeOffset? NextLook(DateTimeOffset planned, DateTimeOffset asked, int attempt, double random)
    {
        var end = planned + Wait;
        if (asked >= end)
            return null;
        // Rarer with the time, and each is a row in the journal: some forty of them, whatever the wait is.
        var looks = new RetryPolicy(int.MaxValue, FirstLook, Wait / 20 > FirstLook ? Wait / 20 : FirstLook);
        var next = asked + looks.Delay(attempt, random, ShortestLook);
        return next < end ? next : end;
    }
}
