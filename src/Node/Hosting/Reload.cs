using FtpActors.Node.Configuration;

namespace FtpActors.Node.Hosting;

/// <summary>Re-reads the configuration on SIGHUP: puts into force what can change while a node runs and names what cannot.</summary>
internal sealed class Reload(FtpNode node, Logging logging)
{
    private readonly ILogger _log = logging.Factory.CreateLogger<Reload>();
    private ConfigTree _inForce = node.Configuration.Tree;

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
            _log.NotReread(string.Join(" | ", e.Problems));
            return;
        }

        var changes = Changes(_inForce.Flatten(), next.Tree.Flatten());
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
        if (changes.Count == 0)
            _log.NothingChanged();
        // What needs a restart is said again at the next SIGHUP only when it changes again.
        _inForce = next.Tree;
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
