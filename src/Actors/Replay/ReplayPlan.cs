using FtpActors.Actors.Reading;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Actors.Replay;

/// <summary>A replay's question with the rules that answer it: pure. The rules are those in force when it began, or went on after a restart.</summary>
internal sealed class ReplayPlan
{
    private readonly Glob? _user;
    private readonly Glob? _path;

    /// <exception cref="FormatException">A filter is no pattern.</exception>
    public ReplayPlan(ReplayQuery query, RuleSet inForce)
    {
        Query = query;
        _user = query.User is null ? null : Pattern("user", query.User);
        _path = query.Path is null ? null : Pattern("path", query.Path);
        var wanted = query.Rule is { } one ? [one] : query.Rules;
        Missing = [.. wanted.Where(name => inForce.Find(name) is null)];
        Rules = new RuleSet([.. wanted.Select(inForce.Find).OfType<Rule>()]);

        bool Awaits(TriggerKind kind) => Rules.Awaits(kind) && (query.Kind is null || query.Kind == TriggerNames.Of(kind));
        Starts = Awaits(TriggerKind.SessionStart);
        Ends = Awaits(TriggerKind.SessionEnd);
        Scan = new ScanQuery
        {
            Kinds = Enum.GetValues<EventKind>().Where(kind => Awaits((TriggerKind)kind)).ToHashSet(), Since = query.Since, Until = query.Until,
        };
    }

    public ReplayQuery Query { get; }

    public RuleSet Rules { get; }

    /// <summary>Rules that there were at the beginning and are no more.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>The events that a rule may wait for.</summary>
    public ScanQuery Scan { get; }

    /// <summary>Whether a rule waits for the starts of sessions.</summary>
    public bool Starts { get; }

    /// <summary>Whether a rule waits for their ends.</summary>
    public bool Ends { get; }

    /// <summary>The rules for an event of the scan.</summary>
    public IReadOnlyList<Rule> Match(FtpEvent e) =>
        // The live way asks no rule about the restart of a server, which stands in every shard.
        !e.Flags.HasFlag(EventFlags.ServerRestart) && FitsUser(e.User) && FitsPath(e) ? Rules.Match(e) : [];

    public bool InRange(DateTimeOffset? at) => at >= Query.Since && at < Query.Until;

    public bool FitsUser(string user) => _user is null || _user.IsMatch(user);

    public bool FitsAny(IReadOnlyList<SessionFile> files) => _path is null || files.Any(f => _path.IsMatch(f.Path));

    /// <summary>The line in which ordered deliveries of a replay wait for each other; apart from the live ones of the same session.</summary>
    public static string Line(SessionKey key, string replay) =>
        key.ServerSession.Length > 0
            ? $"{replay}/{key.Host}/{key.Service}/#{key.ServerSession}"
            : $"{replay}/{key.Host}/{key.Service}/{key.User}@{key.RemoteHost}";

    private bool FitsPath(FtpEvent e) =>
        _path is null || (e.Path is { } path && _path.IsMatch(path)) || (e.PathTo is { } to && _path.IsMatch(to));

    // Only * is special in the filters of people; a slash is a character like any other, as in 'events --path'.
    private static Glob Pattern(string name, string text)
    {
        try
        {
            return Glob.ForName(text.Replace("?", "\\?", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal)
                .Replace("{", "\\{", StringComparison.Ordinal));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{name} {text}: {e.Message}", e);
        }
    }
}
