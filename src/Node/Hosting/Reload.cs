using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>Re-reads the configuration on SIGHUP: puts into force what can change while a node runs and names what cannot.</summary>
internal sealed class Reload(FtpNode node, Logging logging)
{
    private readonly ILogger _log = logging.Factory.CreateLogger<Reload>();
    private ConfigTree _inForce = node.Configuration.Tree;
    private RulesSection _rules = node.Configuration.Rules;
    private UsersSection _users = node.Configuration.Users;

    /// <summary>Never throws for a bad file: the configuration in force stays.</summary>
    public void Run(IReadOnlyDictionary<string, string> environment)
    {
        NodeConfiguration next;
        try
        {
            next = NodeConfiguration.Load(_inForce.File, environment);
        }
        catch (ConfigurationException e)
        {
            // Also for bad rules alone: what is in force is always one whole file that was checked.
            _log.NotReread(string.Join(" | ", e.Problems));
            return;
        }

        var changes = Changes(_inForce.Flatten(), next.Tree.Flatten());
        var rulesChanged = TryApply(next);
        changes.RemoveAll(key => key.Split('.')[0] is "rules" or "publish");
        foreach (var key in changes)
        {
            var value = next.Tree.Flatten().GetValueOrDefault(key, "the default");
            if (key == "node.log_level")
                logging.Level = next.Node.LogLevel;
            else if (!TryAllow(key, next))
            {
                _log.NeedsRestart(key);
                continue;
            }
            _log.Applied(key, value);
        }
        if (changes.Count == 0 && !rulesChanged)
            _log.NothingChanged();
        // What needs a restart is said again at the next SIGHUP only when it changes again.
        (_inForce, _rules, _users) = (next.Tree, next.Rules, next.Users);
    }

    // The users' file is read by itself when it changed; its path needs a restart, as every other key.
    private bool TryApply(NodeConfiguration next)
    {
        if (next.Rules.File == _rules.File && next.Rules.Rules.Text == _rules.Rules.Text && next.Users.Digest == _users.Digest)
            return false;
        node.Book.Rules = next.Rules.Rules;
        _log.RulesInForce(next.Rules.Rules.Rules.Count, next.Rules.File ?? "no file", next.Users.Count);
        return true;
    }

    private bool TryAllow(string key, NodeConfiguration next)
    {
        if (key.Split('.') is not ["sources", var index, "allow"] || !int.TryParse(index, out var i) || i >= next.Sources.Count)
            return false;
        // The entry must still be the same source: an index alone says nothing when the list was edited.
        return next.Sources[i] is NcFtpdUdpSection udp && udp.TryAllow(node.FindSource(udp.Name));
    }

    private static List<string> Changes(IReadOnlyDictionary<string, string> old, IReadOnlyDictionary<string, string> now) =>
        [.. old.Keys.Union(now.Keys).Where(k => old.GetValueOrDefault(k) != now.GetValueOrDefault(k)).Order(StringComparer.Ordinal)];
}
