using System.CommandLine;
using System.Text.Json;
using FtpActors.Node.Configuration;
using FtpActors.Node.Text;

namespace FtpActors.Node.Commands;

/// <summary>The options that all commands to a node have, and how their answers are written.</summary>
internal sealed class NodeOptions
{
    private const string DefaultNode = "http://127.0.0.1:9110";

    private readonly Option<string> _format;
    private readonly Option<string?> _node;
    private readonly Option<string?> _host;
    private readonly Option<string?> _token;
    private readonly Option<string?> _authority;

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="offline">It needs no node and has the format only.</param>
    /// <param name="more">Formats that it has besides text and json.</param>
    public NodeOptions(Command command, bool offline = false, params IEnumerable<string> more)
    {
        string[] formats = ["text", "json", .. more];
        _format = new Option<string>("--format")
        {
            Description = "text for people, json for programs (JSON Lines).", DefaultValueFactory = _ => "text", HelpName = string.Join('|', formats),
        };
        _format.AcceptOnlyFromAmong(formats);
        _node = new Option<string?>("--node") { Description = $"URL of the node that is asked. Default: $FTPACTORS_NODE, else {DefaultNode}.", HelpName = "URL" };
        _host = new Option<string?>("--host") { Description = "Name of the node of the cluster that is to answer, asked through the first one.", HelpName = "NAME" };
        _token = new Option<string?>("--token")
        {
            Description = "Token for the node, or @FILE that holds it. Default: $FTPACTORS_TOKEN (a token or @FILE), else the file ~/.config/ftpactors/token.", HelpName = "TOKEN|@FILE",
        };
        _authority = new Option<string?>("--ca") { Description = "Authority of the node's certificate, a PEM file. Default: $FTPACTORS_CA, else the system's.", HelpName = "FILE" };
        command.Add(_format);
        if (offline)
            return;
        command.Add(_node);
        command.Add(_host);
        command.Add(_token);
        command.Add(_authority);
    }

    /// <summary>An option for a point in time.</summary>
    public static Option<string?> Moment(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "7d|2h|2026-01-31T12:00" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Moments.TryParse(result.Tokens[0].Value, DateTimeOffset.UnixEpoch, out _))
                result.AddError($"{name} {result.Tokens[0].Value}: neither a duration back from now (10m, 2h, 7d) nor a time (2026-01-31T12:00:00Z).");
        });
        return option;
    }

    /// <summary>An option for a count from 1.</summary>
    public static Option<int?> Count(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var n) && n < 1)
                result.AddError($"{name} {n}: must be 1 or more.");
        });
        return option;
    }

    public bool IsJson(ParseResult parsed) => Format(parsed) == "json";

    public string Format(ParseResult parsed) => parsed.GetValue(_format)!;

    /// <summary>The format as a check of several values together sees it.</summary>
    public string Format(CheckedValues values) => values.GetValue(_format)!;

    public NodeClient Connect(ParseResult parsed) => Connect(parsed, parsed.GetValue(_host));

    /// <param name="parsed">The command line.</param>
    /// <param name="host">Name of the node of the cluster that is to answer; null for the one that is asked.</param>
    public NodeClient Connect(ParseResult parsed, string? host)
    {
        var text = parsed.GetValue(_node) ?? (Environment.GetEnvironmentVariable("FTPACTORS_NODE") is { Length: > 0 } variable ? variable : DefaultNode);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new NodeClient(url, _node.Name, host, Credentials.Token(parsed.GetValue(_token)), Credentials.Authority(parsed.GetValue(_authority)))
            : throw new CommandException(ExitCodes.Usage, $"'{text}' is not the URL of a node; it looks like {DefaultNode}.");
    }

    /// <summary>Writes an answer of one object: as it is, or as text of its own form.</summary>
    public async Task<int> WriteOneAsync(ParseResult parsed, string path, Action<Output, JsonElement> write, CancellationToken cancel)
    {
        using var node = Connect(parsed);
        using var output = new Output();
        var answer = await node.ReadAsync(path, cancel);
        if (IsJson(parsed))
            output.Line(answer.GetRawText());
        else
            write(output, answer);
        output.Flush();
        return ExitCodes.Ok;
    }

    /// <summary>Writes a list: its items as they are, one a line, or as a table.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="path">Path of the API.</param>
    /// <param name="parameters">Parameters of the request.</param>
    /// <param name="columns">Columns of the table.</param>
    /// <param name="none">What to say on stderr when there is nothing.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<int> WriteAsync(
        ParseResult parsed, string path, IEnumerable<(string, string?)> parameters, IReadOnlyList<Column<JsonElement>> columns, string none, CancellationToken cancel)
    {
        using var node = Connect(parsed);
        using var output = new Output();
        var json = IsJson(parsed);
        var table = new TextTable<JsonElement>(output, columns, decide: 500);
        using (var progress = new ReadProgress())
        {
            await foreach (var item in node.ItemsAsync(path, parameters, cancel))
            {
                progress.Count();
                if (json)
                    output.Line(item.GetRawText());
                else
                    table.Add(item);
            }
        }
        table.Finish();
        output.Flush();
        if (!json && table.Rows == 0)
            Console.Error.WriteLine(none);
        return ExitCodes.Ok;
    }

    /// <summary>Writes a stream as it comes: each object as it is, one a line, or as a row.</summary>
    public async Task<int> FollowAsync(
        ParseResult parsed, string path, IEnumerable<(string, string?)> parameters, IReadOnlyList<Column<JsonElement>> columns, CancellationToken cancel)
    {
        using var node = Connect(parsed);
        using var output = new Output();
        var table = new TextTable<JsonElement>(output, columns, decide: 1);
        await foreach (var line in node.FollowAsync(path, parameters, cancel))
        {
            if (IsJson(parsed))
            {
                output.Line(line);
            }
            else
            {
                using var document = JsonDocument.Parse(line);
                table.Add(document.RootElement);
            }
            output.Flush();
        }
        return ExitCodes.Ok;
    }
}
