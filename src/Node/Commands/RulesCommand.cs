using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using FtpActors.Actors.Rules;
using FtpActors.Node.Configuration;
using FtpActors.Node.Http;
using FtpActors.Node.Text;
using FtpActors.Protocol;

namespace FtpActors.Node.Commands;

/// <summary><c>rules</c>: what is done when something happens.</summary>
internal static class RulesCommand
{
    private static readonly IReadOnlyList<Column<JsonElement>> Columns =
    [
        new("RULE", r => r.Text("rule")),
        new("ON", r => Joined(r, "on")),
        new("WHERE", r => r.Text("where")),
        new("ORDER", r => r.Text("order")),
        new("ATTEMPTS", r => r.Has("attempts") ? Units.Count(r.Whole("attempts")) : "", Right: true),
        new("ACTIONS", r => Joined(r, "actions")),
        new("CONDITIONS", r => Joined(r, "conditions")),
    ];

    public static Command Make() =>
        new("rules", "What is done when something happens: the rules, their check and their trial.") { MakeCheck(), MakeList(), RulesTestCommand.Make() };

    private static TaughtCommand MakeCheck()
    {
        var rules = new Option<FileInfo?>("--rules") { Description = "File of rules, instead of the configuration's.", HelpName = "FILE" };
        var config = new Option<FileInfo?>("--config") { Description = "Configuration file. Default: hocon/single.conf, unless --rules is given.", HelpName = "FILE" };
        var command = new TaughtCommand("check",
            """
            Checks rules without a node and shows them. Every problem is told with file and key, and the exit code is then 2. With --config
            the whole configuration is checked, and templates know the fields of the users' file; with --rules alone only that file.

            Examples:
              ftpactors rules check
              ftpactors rules check --rules new.conf
              ftpactors rules check --config /etc/ftpactors.conf && systemctl reload ftpactors
            """) { rules, config };
        var options = new NodeOptions(command, offline: true);
        command.SetAction(parsed =>
        {
            var checkedRules = Load(parsed.GetValue(rules)?.FullName, parsed.GetValue(config)?.FullName);
            using var output = new Output();
            var table = new TextTable<JsonElement>(output, Columns, 500);
            foreach (var rule in checkedRules.Rules)
            {
                var line = ToJson(rule);
                if (options.IsJson(parsed))
                {
                    output.Line(line);
                    continue;
                }
                using var document = JsonDocument.Parse(line);
                table.Add(document.RootElement);
            }
            table.Finish();
            if (checkedRules.Rules.Count == 0)
                Console.Error.WriteLine("There are no rules.");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static TaughtCommand MakeList()
    {
        var command = new TaughtCommand("list",
            """
            Lists the rules that a node has in force, with the numbers of their deliveries. Rules that are gone are listed while they have any.

            Examples:
              ftpactors rules list
              ftpactors rules list --format json | jq 'select(.deliveries.dead > 0) | .rule'
            """);
        var options = new NodeOptions(command);
        command.SetAction((parsed, cancel) => options.WriteAsync(
            parsed, "/api/v1/rules", [],
            [
                new("RULE", r => r.Text("rule")),
                new("ON", r => r.Has("on") ? Joined(r, "on") : "(gone)"),
                new("DUE", r => Number(r, "due"), Right: true),
                new("DONE", r => Number(r, "done"), Right: true),
                new("DEAD", r => Number(r, "dead"), Right: true),
                new("DROPPED", r => Number(r, "dropped"), Right: true),
                new("ACTIONS", r => Joined(r, "actions")),
            ],
            "The node has no rules.", cancel));
        return command;
    }

    /// <exception cref="ConfigurationException">With every problem.</exception>
    private static RuleSet Load(string? rules, string? config)
    {
        if (rules is not null && !File.Exists(rules))
            throw new ConfigurationException([new ConfigProblem(rules, "", null, "there is no such file; name another with --rules.")]);
        var environment = new Dictionary<string, string>(ConfigTree.ProcessEnvironment(), StringComparer.Ordinal);
        if (rules is not null)
            environment[ConfigTree.EnvironmentPrefix + "rules"] = rules;
        if (config is not null || rules is null)
            return NodeConfiguration.Load(config ?? NodeConfiguration.DefaultFile(), environment).Rules.Rules;
        return RulesSection.Load(rules);
    }

    private static string ToJson(Rule rule)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = EventJson.NewWriter(buffer))
        {
            json.WriteStartObject();
            RuleJson.WriteBody(json, rule);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Number(JsonElement rule, string state) =>
        rule.TryGetProperty("deliveries", out var d) ? Units.Count(d.Whole(state)) : "";

    private static string Joined(JsonElement rule, string name) => string.Join("; ", rule.Items(name).Select(t => t.GetString()));
}
