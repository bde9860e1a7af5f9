using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FtpActors.Node.Access;
using FtpActors.Node.Configuration;
using FtpActors.Node.Text;
using FtpActors.Protocol;

namespace FtpActors.Node.Commands;

/// <summary><c>token</c>: who may ask a node.</summary>
internal static class TokenCommand
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);

    public static Command Make() => new("token", "Tokens of the API: who may ask a node, and change what it does.") { MakeNew(), MakeList(), MakeRevoke() };

    private static TaughtCommand MakeNew()
    {
        var name = new Argument<string>("NAME") { Description = "Whose it is: 1 to 100 letters, digits, dots, underscores or hyphens. Stands in the log's audit lines." };
        var role = new Option<string>("--role") { Description = "reader looks, operator also changes.", DefaultValueFactory = _ => "reader", HelpName = "reader|operator" };
        role.AcceptOnlyFromAmong(Roles.All);
        var expires = new Option<string?>("--expires") { Description = "For how long it is valid. Default: until it is revoked.", HelpName = "90d|12h" };
        var config = Config();
        var command = new TaughtCommand("new",
            """
            Makes a token and shows it once. The node's file keeps only its hash, and a running node knows it at once. Run this on the node's host; every node of a cluster that is
            asked has a file of its own (setting api.tokens), which may be a copy.

            Examples:
              ftpactors token new grafana
              ftpactors token new alice --role operator --expires 90d --config /etc/ftpactors/node.conf
            """) { name, role, expires, config };
        var options = new NodeOptions(command, offline: true);
        command.Check(result =>
        {
            if (result.GetValue(name) is { } text && !NodeSection.IsName(text))
                result.AddError($"'{text}' cannot be the name of a token: 1 to 100 letters, digits, dots, underscores or hyphens.");
            if (result.GetValue(expires) is { } life && !(Durations.TryParse(life, out var d) && d >= ShortestLife))
                result.AddError($"--expires {life}: must be a duration from 1m, such as 12h or 90d.");
        });
        command.SetAction(parsed =>
        {
            var (file, own) = (FileOf(parsed.GetValue(config)), parsed.GetRequiredValue(name));
            _ = Roles.TryParse(parsed.GetValue(role), out var given);
            TimeSpan? life = parsed.GetValue(expires) is { } text && Durations.TryParse(text, out var d) ? d : null;
            var (token, secret) = Token.Make(own, given, DateTimeOffset.UtcNow, life);
            TokenFile.Change(file, tokens => tokens.Any(t => t.Name == own)
                ? throw new CommandException(ExitCodes.Failed, $"there is a token '{own}' already; give another name, or first: ftpactors token revoke {own}")
                : [.. tokens, token]);
            using var output = new Output();
            output.Line(options.IsJson(parsed) ? JsonSerializer.Serialize(new { name = own, role = Roles.Of(given), token = secret, expires_at = token.ExpiresAt }) : secret);
            output.Flush();
            Console.Error.WriteLine($"It is shown this once; {file} keeps its hash. Give it by --token, FTPACTORS_TOKEN, or the header 'Authorization: Bearer TOKEN'.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand MakeList()
    {
        var config = Config();
        var command = new TaughtCommand("list", "Lists the tokens, without their secrets.\n\nExample:\n  ftpactors token list --config /etc/ftpactors/node.conf") { config };
        var options = new NodeOptions(command, offline: true);
        command.SetAction(parsed =>
        {
            var now = DateTimeOffset.UtcNow;
            using var output = new Output();
            var table = new TextTable<Token>(output,
            [
                new("NAME", t => t.Name),
                new("ROLE", t => Roles.Of(t.Role)),
                new("CREATED", t => Units.Time(t.CreatedAt)),
                new("EXPIRES", t => t.ExpiresAt is not { } end ? "never" : (t.IsExpired(now) ? "expired " : "") + Units.Time(end)),
            ], 500);
            foreach (var token in TokenFile.Read(FileOf(parsed.GetValue(config))))
            {
                if (options.IsJson(parsed))
                    output.Line(JsonSerializer.Serialize(new { name = token.Name, role = Roles.Of(token.Role), created_at = token.CreatedAt, expires_at = token.ExpiresAt }));
                else
                    table.Add(token);
            }
            table.Finish();
            output.Flush();
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand MakeRevoke()
    {
        var name = new Argument<string>("NAME") { Description = "Its name in 'token list'." };
        var config = Config();
        var command = new TaughtCommand("revoke",
            "Takes a token out of force. A running node ends what runs for it within a second.\n\nExample:\n  ftpactors token revoke alice --config /etc/ftpactors/node.conf") { name, config };
        command.SetAction(parsed =>
        {
            var (file, own) = (FileOf(parsed.GetValue(config)), parsed.GetRequiredValue(name));
            TokenFile.Change(file, tokens => tokens.Any(t => t.Name == own)
                ? [.. tokens.Where(t => t.Name != own)]
                : throw new CommandException(ExitCodes.Failed, string.Create(CultureInfo.InvariantCulture,
                    $"there is no token '{own}' in {file}; known: {(tokens.Count == 0 ? "none" : string.Join(", ", tokens.Select(t => t.Name)))}.")));
            Console.Error.WriteLine($"Token {Visible.Of(own)} is revoked.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Option<FileInfo?> Config() =>
        new("--config") { Description = "Configuration file of the node. Default: hocon/single.conf of the project.", HelpName = "FILE" };

    private static string FileOf(FileInfo? config) => NodeConfiguration.Load(config?.FullName ?? NodeConfiguration.DefaultFile(), ConfigTree.ProcessEnvironment()).Api.Tokens;
}
