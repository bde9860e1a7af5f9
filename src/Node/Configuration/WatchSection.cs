using FtpActors.Actors.Actions.Linux;
using FtpActors.Actors.Rules;
using FtpActors.Ingest;
using FtpActors.Ingest.Watching;
using FtpActors.Protocol;
using FtpActors.Protocol.Globs;
using FtpActors.Protocol.Watching;

namespace FtpActors.Node.Configuration;

/// <summary>A source of kind <c>watch</c>: the finished files of a folder.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Options">The source's own settings, with their defaults. What the node knows is set when it is opened.</param>
/// <param name="User">How the user of a file is told: null, <c>owner</c>, <c>home</c>, or a path pattern.</param>
internal sealed record WatchSection(string Name, WatchOptions Options, string? User) : SourceSection(Name, KindName)
{
    public const string KindName = "watch";
    private const string Owner = "owner";
    private const string Home = "home";
    private const string Globs = "must be a list of globs of paths, such as [\"*.log\", \"/srv/sftp/*/cache/**\"]";

    public static SourceSection Read(Section s, string name)
    {
        var path = s.FilePath("path", "");
        if (s.Raw("path") is null)
            s.Problem("path", "must be the folder to watch, such as \"/srv/sftp\".");
        var d = new WatchOptions { Name = name, Host = "", Path = path, DataFolder = "" };
        var options = d with
        {
            Path = ReversibleText.FromBytes(System.Text.Encoding.UTF8.GetBytes(path.Length > 1 ? path.TrimEnd('/') : path)),
            Poll = s.Raw("poll") is null ? null : s.Duration("poll", TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)),
            PollCount = (int)s.Whole("poll_count", d.PollCount, 2, 100),
            Steady = s.Duration("steady", d.Steady, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Ignore = [.. s.Texts("ignore", [], Globs, IsGlob).Select(text => Glob.ForPath(text))],
            TrustClose = s.Flag("trust_close", d.TrustClose),
            Beside = s.Texts("beside", [], "must be a list of names of other sources, such as [\"ssh\"]", NodeSection.IsName),
            Window = s.Duration("window", d.Window, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
        };
        var user = s.OptionalText(
            "user", "must be a path pattern with {user} once, such as \"/srv/sftp/{user}/**\"; \"owner\", the account that owns the file; or \"home\", the field home of the file in \"users\"",
            text => text is Owner or Home || IsPattern(text));
        return new WatchSection(name, options, user);
    }

    /// <summary>What only shows when all sources are seen: the watches know those beside them.</summary>
    public static IReadOnlyList<SourceSection> Join(Section root, IReadOnlyList<SourceSection> sources)
    {
        foreach (var watch in sources.OfType<WatchSection>())
        {
            foreach (var other in watch.Options.Beside.Where(name => name == watch.Name || !sources.Any(s => s.Name == name && s is not WatchSection)))
                root.Problem("sources", $"\"{watch.Name}\" is beside \"{other}\", but no other source that tells uploads has that name.");
            if (watch.User == Home && root.Raw("users") is null)
                root.Problem("sources", $"\"{watch.Name}\" tells users by \"home\", but there is no file \"users\".");
        }
        return [.. sources.Select(s => s is WatchSection w ? w with { Options = w.Options with { Silent = [.. sources.Where(TellsNoRenames).Select(source => source.Name)] } } : s)];
    }

    // Then the watch does.
    private static bool TellsNoRenames(SourceSection source) => source is PureFtpdSection || source.Kind == ProftpdLogSection.XferlogKind;

    public override ISource Open(SourceContext context) => new WatchSource(
        OptionsIn(context.Host, context.DataFolder, context.TemporaryNames) with { Users = UsersOf(context) }, context.Spool, context.Fusion, context.Materializer, context.Time);

    /// <summary>The settings with what the node knows.</summary>
    public WatchOptions OptionsIn(string host, string dataFolder, IReadOnlyList<Glob> temporaryNames) => Options with
    {
        Host = host, DataFolder = dataFolder, Temporary = [.. temporaryNames, .. WatchRules.MoreTemporaryNames.Select(text => Glob.ForPath(text))],
    };

    public override IMessageDecoder Decoder(string host) => new NoDecoder("a watch has no messages");

    private IFileUsers? UsersOf(SourceContext context) => User switch
    {
        null => null,
        Owner => new UsersByOwner(Accounts.UserName),
        Home => new UsersByHome(Homes(context.UsersFile)),
        _ => new UsersByPath(User),
    };

    // The file was read without a fault when the configuration was.
    private static IEnumerable<(string Home, string User)> Homes(string? file) =>
        file is not null && UserTable.Parse(System.IO.File.ReadAllBytes(file), file).Users is { } users
            ? users.Logins.Select(login => (users.Find(login)!.GetValueOrDefault(Home) as string ?? "", login))
            : [];

    private static bool IsGlob(string text) => Parses(() => _ = Glob.ForPath(text));

    private static bool IsPattern(string text) => Parses(() => _ = new UsersByPath(text));

    private static bool Parses(Action parse)
    {
        try
        {
            parse();
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
