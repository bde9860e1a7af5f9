using System.CommandLine;
using FtpActors.Node.Http;

namespace FtpActors.Node.Commands;

/// <summary>The options that pick deliveries.</summary>
internal sealed class DeliveryFilters
{
    private readonly Option<string?> _rule = new("--rule") { Description = "Only of this rule; * stands for any characters.", HelpName = "NAME" };
    private readonly Option<string?> _state = new("--state") { Description = "Only in this state.", HelpName = "due|done|dead|dropped" };
    private readonly Option<string?> _user = new("--user") { Description = "Only of this user; * stands for any characters.", HelpName = "NAME" };
    private readonly Option<string?> _since = NodeOptions.Moment("--since", "Only created since.");
    private readonly Option<string?> _until = NodeOptions.Moment("--until", "Only created before.");
    private readonly Option<string?> _replay = new("--replay") { Description = "Only of this replay.", HelpName = "ID" };

    public DeliveryFilters(Command command)
    {
        _state.AcceptOnlyFromAmong([.. DeliveryJson.States]);
        _until.Aliases.Add("--older-than");
        foreach (var option in All)
            command.Add(option);
    }

    private Option<string?>[] All => [_rule, _state, _user, _since, _until, _replay];

    /// <summary>Whether the command line has any of them.</summary>
    public bool AnyIn(CheckedValues values) => All.Any(option => values.GetValue(option) is not null);

    /// <summary>As parameters of a request.</summary>
    public IEnumerable<(string, string?)> Read(ParseResult parsed) => All.Select(option => (option.Name.TrimStart('-'), parsed.GetValue(option)));
}
