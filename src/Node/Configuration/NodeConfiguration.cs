using System.Text.Json.Nodes;
using FtpActors.Actors;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Actions.Kafka;
using FtpActors.Actors.Rules;
using FtpActors.Node.Hosting;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;

namespace FtpActors.Node.Configuration;

/// <summary>The whole configuration, valid and immutable. A new section is one class with a <c>Read</c> and one line here.</summary>
/// <param name="Tree">What it was read from.</param>
/// <param name="Node">Section <c>node</c>.</param>
/// <param name="Api">Section <c>api</c>.</param>
/// <param name="Telemetry">Section <c>telemetry</c>.</param>
/// <param name="Journal">Section <c>journal</c>.</param>
/// <param name="Cluster">Section <c>cluster</c>; null for a node that is alone.</param>
/// <param name="Retention">Section <c>retention</c>.</param>
/// <param name="Handler">Section <c>handler</c>.</param>
/// <param name="Backlog">Of section <c>handler</c>: from when on the node is behind.</param>
/// <param name="Actions">Section <c>actions</c>.</param>
/// <param name="Mail">Section <c>mail</c>; null when there is none.</param>
/// <param name="Kafka">Section <c>kafka</c>; null when there is none.</param>
/// <param name="Authd">Section <c>authd</c>.</param>
/// <param name="Users">Key <c>users</c>.</param>
/// <param name="Rules">Key <c>rules</c>, and behind them those of key <c>publish</c>.</param>
/// <param name="TemporaryNames">Key <c>temporary_names</c>: names of uploads that the client will change. Default <see cref="FinalNames.Defaults"/>; none turns it off.</param>
/// <param name="Sources">Section <c>sources</c>, in the order of the file.</param>
/// <param name="Akka">Section <c>akka</c>, the site's own settings of the actor system, whatever they are; null when there is none.</param>
internal sealed record NodeConfiguration(
    ConfigTree Tree, NodeSection Node, ApiSection Api, TelemetrySection Telemetry, JournalSection Journal, ClusterSection? Cluster, RetentionSection Retention, ShardOptions Handler, BacklogLimits Backlog, ActionsSection Actions,
    MailOptions? Mail, KafkaOptions? Kafka, AuthdSection Authd, UsersSection Users, RulesSection Rules, IReadOnlyList<Glob> TemporaryNames, IReadOnlyList<SourceSection> Sources,
    JsonObject? Akka)
{
    /// <summary>The file that is read when none is named: <c>hocon/single.conf</c> of the project that the program belongs to.</summary>
    public static string DefaultFile()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "hocon", "single.conf");
            if (File.Exists(file))
                return file;
        }
        return Path.Combine(AppContext.BaseDirectory, "hocon", "single.conf");
    }

    /// <summary>Reads and validates a file with the overrides of an environment.</summary>
    /// <exception cref="ConfigurationException">With everything that is wrong.</exception>
    public static NodeConfiguration Load(string file, IReadOnlyDictionary<string, string> environment)
    {
        var tree = ConfigTree.Load(file, environment);
        var problems = new List<ConfigProblem>(tree.Problems);
        var root = new Section(tree, "", tree.Root, problems);

        var node = NodeSection.Read(root.Sub("node"));
        var journal = JournalSection.Read(root.Sub("journal"));
        var cluster = ClusterSection.Read(root);
        ClusterSection.Check(tree, node, journal, cluster, problems);
        var (handler, backlog) = HandlerSection.Read(root.Sub("handler"));
        var users = UsersSection.Read(root);
        var configuration = new NodeConfiguration(
            tree, node, ApiSection.Read(root.Sub("api"), node), TelemetrySection.Read(root.Sub("telemetry")), journal, cluster, RetentionSection.Read(root.Sub("retention")), handler, backlog,
            ActionsSection.Read(root.Sub("actions")),
            MailSection.Read(root),
            KafkaSection.Read(root),
            AuthdSection.Read(root.Sub("authd"), node.Authd),
            users,
            PublishSection.Read(root, RulesSection.Read(root, tree, users)),
            [.. root.Texts("temporary_names", FinalNames.Defaults, "must be a list of globs, such as [\"*.part\"]; [] for none", IsGlob).Select(text => Glob.ForPath(text))],
            SourceSection.ReadAll(root),
            ReadAkka(root));
        // Seen here, not when the first mail is due.
        if (configuration is { Mail: null, Rules.Rules.Rules: var rules } && rules.FirstOrDefault(SendsMail) is { } sender)
            root.Problem("mail", $"the rule \"{sender.Name}\" sends mails; name the server: {{ \"host\": \"mail.example.org\", \"from\": \"ftp@example.org\" }}.");
        KafkaSection.Check(root, configuration.Kafka, configuration.Rules.Rules);
        root.Done();

        return problems.Count == 0 ? configuration : throw new ConfigurationException(problems);
    }

    /// <summary>How the engine is part of the cluster; null for a node that is alone.</summary>
    public ClusterOptions? ClusterOptions() => Cluster is null ? null : new ClusterOptions(
        Cluster.Listen, Cluster.Seeds, Cluster.Bootstrap, Node.Roles, Node.Handler ? Journal.Connection : null, Journal.Lease, Journal.Servers, Cluster.Tls is { } tls ? (tls.Certificate, tls.Authority) : null);

    // What is in it is for Akka to judge.
    private static JsonObject? ReadAkka(Section root)
    {
        var akka = root.Raw("akka");
        if (akka is not (null or JsonObject))
            root.Problem("akka", "must be an object: akka { ... }.");
        return akka as JsonObject;
    }

    private static bool IsGlob(string text)
    {
        try
        {
            Glob.ForPath(text);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool SendsMail(Rule rule) => rule.Actions.Concat(rule.OnFailure).Any(action => action is MailAction);
}
