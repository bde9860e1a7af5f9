using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Text;
using System.Xml.Linq;
using FtpActors.Actors.Actions.Kafka;
using FtpActors.Actors.Actions;
using FtpActors.Actors.Logins;
using FtpActors.Actors.Stored;
using FtpActors.Actors;
using FtpActors.Ingest.Kafka;
using FtpActors.Ingest.OpenSsh;
using FtpActors.Ingest.Proftpd;
using FtpActors.Ingest.PureFtpd;
using FtpActors.Ingest.Queue;
using FtpActors.Ingest.Udp;
using FtpActors.Ingest.Watching;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;

namespace FtpActors.Node.Tests;

/// <summary>docs/configuration.md is made from the settings that the program looks for and from the words of its option types; here it is made, or checked.</summary>
public sealed partial class ConfigurationReferenceTests : IDisposable
{
    /// <summary>With this variable set, the page is written instead of checked.</summary>
    private const string Write = "FTPACTORS_WRITE_DOCS";

    // Sections that are read only when they are there, with what they need at least.
    private const string Everything = """
        cluster { bootstrap { contacts = ["127.0.0.1:8558"] } }, kafka { brokers = "k:9092" }, publish = [ { events = [upload], topic = t } ], mail { host = mail.example.org, from = "ftp@example.org" }, journal { kind = postgres, connection = "Host=db", servers = [ { shards = "8-15", connection = "Host=db2" } ] },
        authd { limits = [ { user = "*", max = 3 } ], check { exec = [ "/bin/true" ] } }, retention { events = 90d, sessions = 90d, deliveries = 90d },
        sources = [ { name = a, kind = ncftpd-mqueue, key = "0x1" }, { name = b, kind = ncftpd-udp }, { name = c, kind = pureftpd, pipe = up },
          { name = d, kind = proftpd-kafka, brokers = "k:9092", topics = [t] }, { name = e, kind = proftpd-log, fifo = f }, { name = f, kind = xferlog, file = f },
          { name = g, kind = watch, path = "/srv" }, { name = h, kind = openssh-log } ]
        """;

    private static readonly Dictionary<string, Type[]> Types = new(StringComparer.Ordinal)
    {
        [""] = [typeof(NodeConfiguration)], ["node"] = [typeof(NodeSection)], ["api"] = [typeof(ApiSection)], ["telemetry"] = [typeof(TelemetrySection)], ["journal"] = [typeof(JournalSection)],
        ["cluster"] = [typeof(ClusterSection)], ["retention"] = [typeof(RetentionSection)], ["handler"] = [typeof(ShardOptions), typeof(BacklogLimits)], ["actions"] = [typeof(ActionsSection)],
        ["mail"] = [typeof(MailOptions)], ["authd"] = [typeof(AuthdSection)], ["authd.limits.0"] = [typeof(SlotLimits), typeof(LoginLimit)], ["authd.check"] = [typeof(CheckSettings)],
        ["sources.0"] = [typeof(NcFtpdQueueOptions), typeof(NcFtpdQueueSection), typeof(SourceSection)], ["sources.1"] = [typeof(NcFtpdUdpOptions), typeof(NcFtpdUdpSection), typeof(SourceSection)],
        ["sources.2"] = [typeof(PureFtpdOptions), typeof(SourceSection)],
        ["sources.3"] = [typeof(ProftpdKafkaOptions), typeof(SourceSection)], ["sources.4"] = [typeof(ProftpdLogOptions), typeof(SourceSection)],
        ["sources.5"] = [typeof(ProftpdLogOptions), typeof(SourceSection)], ["sources.6"] = [typeof(WatchOptions), typeof(WatchSection), typeof(SourceSection)],
        ["sources.7"] = [typeof(OpenSshOptions), typeof(SourceSection)], ["cluster.bootstrap"] = [typeof(BootstrapSection)], ["journal.servers.0"] = [typeof(JournalServer)],
        ["kafka"] = [typeof(KafkaOptions)],
    };

    // Keys whose words stand at a member of another name, or nowhere else.
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["node.roles"] = "=What the node does: `ingest` reads the sources, `handler` rebuilds sessions and runs rules, `authd` answers the logins of a Pure-FTPd.", ["node.log_format"] = "LogsJson", ["api.tokens_on_loopback"] = "NeedsToken", ["api.requests_per_second"] = "Requests", ["journal.kind"] = "IsShared",
        ["handler.duplicate_window_short"] = "ShortDuplicateWindow", ["handler.duplicate_window_session"] = "SessionDuplicateWindow", ["handler.duplicate_window_long"] = "LongDuplicateWindow", ["handler.backlog_limit"] = "Events", ["handler.backlog_age"] = "Age",
        ["cluster.bootstrap.method"] = "IsDns", ["journal.servers.0.shards"] = "=The handlers that it has.", ["kafka.librdkafka"] = "Properties", ["sources.3.librdkafka"] = "Properties",
        ["publish.0.events"] = "=What is published: events, and `session_end`.", ["publish.0.topic"] = "=The topic.", ["publish.0.format"] = "=A format of section `kafka`, or `all`.",
        ["mail.tls"] = "Security", ["mail.password_env"] = "PasswordVariable", ["authd.fail"] = "FailOpen", ["sources.1.allow"] = "AllowFrom",
    };

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_configuration_page_is_what_the_program_reads()
    {
        var page = Page();
        var file = Path.Combine(Root(), "docs", "configuration.md");
        if (Environment.GetEnvironmentVariable(Write) is not null)
            File.WriteAllText(file, page);
        Assert.True(page == File.ReadAllText(file), $"docs/configuration.md is old. Write it anew: {Write}=1 dotnet test tests/Node --filter ConfigurationReference");
    }

    private string Page()
    {
        var tree = NodeConfiguration.Load(_scratch.Write("all.conf", Everything), new Dictionary<string, string>()).Tree;
        var page = new StringBuilder("""
            # Configuration

            Every setting, made from what the program looks for and from the words of its own option types. [hocon/single.conf](../hocon/single.conf) is a file to begin with. A variable of the
            environment overrides a setting by its path: `FTPACTORS__node__listen=127.0.0.1:9200`. `akka { ... }` is passed on to the actor system as it is: [which of it a site may tune](akka-net.md).
            A certificate of the API is `api.tls { certificate = "api.pem", key = "api.key" }`, one of the cluster `cluster.tls { certificate, key, ca }`.

            """);
        foreach (var section in tree.Asked.Where(s => !s.Key.EndsWith(".weight", StringComparison.Ordinal)).GroupBy(s => SectionOf(s.Key)))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {TitleOf(section.Key, tree)}\n\n| key | what | allowed | default |\n|---|---|---|---|\n");
            foreach (var setting in section)
            {
                var name = setting.Key[(setting.Key.LastIndexOf('.') + 1)..];
                page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {Cell(WordsOf(setting.Key, section.Key, name))} | {Cell(setting.Allowed)} | {DefaultOf(setting)} |\n");
            }
        }
        return page.ToString();
    }

    private static string SectionOf(string key) => key.Contains('.', StringComparison.Ordinal) ? key[..key.LastIndexOf('.')] : "";

    private static string TitleOf(string section, ConfigTree tree) => section switch
    {
        "" => "At the top",
        "authd.limits.0" => "An entry of `authd.limits`",
        "journal.servers.0" => "An entry of `journal.servers`",
        "publish.0" => "An entry of `publish`",
        _ when section.StartsWith("sources.", StringComparison.Ordinal) =>
            $"An entry of `sources` of kind `{tree.Root["sources"]![int.Parse(section.Split('.')[1], CultureInfo.InvariantCulture)]!["kind"]}`",
        _ => $"`{section}`",
    };

    private static string DefaultOf(Setting setting) => setting.Default is null ? "" : setting.Default == Environment.MachineName ? "the machine's name" : $"`{setting.Default}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static string WordsOf(string key, string section, string name)
    {
        var member = Members.GetValueOrDefault(key) ?? string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        if (member[0] == '=')
            return member[1..];
        foreach (var type in Types.GetValueOrDefault(section) ?? [])
        {
            var documents = Documents(type.Assembly);
            var words = documents.Where(m => m.Attribute("name")!.Value.StartsWith($"T:{type.FullName}", StringComparison.Ordinal) && m.Attribute("name")!.Value.Length == type.FullName!.Length + 2)
                .SelectMany(m => m.Elements("param")).FirstOrDefault(p => p.Attribute("name")!.Value == member)
                ?? documents.FirstOrDefault(m => m.Attribute("name")!.Value.StartsWith($"M:{type.FullName}.#ctor(", StringComparison.Ordinal))
                    ?.Elements("param").FirstOrDefault(p => p.Attribute("name")!.Value == member)
                ?? documents.FirstOrDefault(m => m.Attribute("name")!.Value == $"P:{type.FullName}.{member}")?.Element("summary");
            if (words is not null)
                return Text(words);
        }
        throw new InvalidOperationException($"No option type says what {key} is (looked for {member}).");
    }

    private static List<XElement> Documents(Assembly assembly) =>
        [.. XDocument.Load(Path.ChangeExtension(assembly.Location, "xml"), LoadOptions.PreserveWhitespace).Descendants("member")];

    private static string Text(XElement words) => Spaces().Replace(string.Concat(words.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")!.Value.Split('.')[^1]}`",
        XElement other => other.Value,
        _ => node.ToString().Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal),
    })), " ").Trim();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FtpActors.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No FtpActors.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
