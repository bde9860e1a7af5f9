using System.CommandLine;
using System.CommandLine.Completions;
using System.Text.Json;
using FtpActors.Node.Configuration;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary>
/// Which member of the cluster a command is about: <c>--node NAME</c>, or the one that answers. Every node passes orders on, so a member is named by
/// its name; a URL is taken as in the other commands, as the node that answers there.
/// </summary>
internal sealed class MemberOption
{
    private static readonly TimeSpan CompletionLimit = TimeSpan.FromMilliseconds(400);

    private readonly Option<string?> _member;
    private readonly NodeOptions _options;

    public MemberOption(Command command, bool required)
    {
        _member = new Option<string?>("--node")
        {
            Description = required ? "Name of the member." : "Name of the member. Default: the node that answers.", HelpName = "NAME", Required = required,
        };
        _member.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !NodeSection.IsName(token.Value) && (required || !IsUrl(token.Value)))
                result.AddError($"--node {token.Value}: is not the name of a node; 'ftpactors cluster show' lists them.");
        });
        command.Add(_member);
        _options = new NodeOptions(command, url: "--via");
        _member.CompletionSources.Add(Names);
    }

    public NodeOptions Node => _options;

    /// <summary>Connects to the node that is asked.</summary>
    public NodeClient Connect(ParseResult parsed) => parsed.GetValue(_member) is { } value && IsUrl(value) ? new NodeClient(new Uri(value)) : _options.Connect(parsed);

    /// <summary>The member that is meant.</summary>
    /// <exception cref="CommandException">No node answers, or it is alone.</exception>
    public async Task<string> NameAsync(ParseResult parsed, NodeClient node, CancellationToken cancel) =>
        parsed.GetValue(_member) is { } value && !IsUrl(value) ? value : (await node.ReadAsync("/api/cluster", cancel)).Text("node");

    private static bool IsUrl(string text) => text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    // A shell waits for this: a node that does not answer at once has no names.
    private IEnumerable<CompletionItem> Names(CompletionContext context)
    {
        using var limit = new CancellationTokenSource(CompletionLimit);
        try
        {
            using var node = _options.Connect(context.ParseResult);
            var cluster = node.ReadAsync("/api/cluster", limit.Token).GetAwaiter().GetResult();
            return [.. cluster.Items("members").Select(m => new CompletionItem(m.Text("name")))];
        }
        catch (Exception e) when (e is CommandException or OperationCanceledException or JsonException)
        {
            return [];
        }
    }
}
