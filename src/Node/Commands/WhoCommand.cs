using System.CommandLine;
using System.CommandLine.Parsing;
using FtpActors.Node.Text;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Node.Commands;

/// <summary><c>who</c>: open sessions.</summary>
internal static class WhoCommand
{
    private const string DefaultInterval = "2s";
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromDays(1);

    public static Command Make()
    {
        var command = new TaughtCommand("who",
            """
            Shows who is logged in and what they are doing. With --count only how many, over all hosts.

            Formats besides text and json, for scripts made for pure-ftpwho. Take one host at a time (--host): they have no place for its name.
              shell   pure-ftpwho -n -s: pid|account|seconds|state|file|peer|local host|local port|current KiB|total KiB|percent|KiB/s
                      In names \| is a bar, \\ a backslash, _ a control byte; other bytes are themselves. Split at bars without a backslash.
              xml     pure-ftpwho -n -x, plist: -p, html: -w. Well-formed whatever the names are, and UTF-8; names that are not UTF-8 have \xHH.
              What the server does not report is 0 or empty: pid, local port and sizes come from Pure-FTPd's scoreboard. For want of
              the server's address the local host is the host's name.

            --watch draws a table anew in place until interrupted; into a pipe or file it writes a block each time, with an empty line behind.

            Examples:
              ftpactors who
              ftpactors who --user 'al*' --format json | jq .path
              ftpactors who --watch 1s --host ftp1
              ftpactors who --count --by remote
              ftpactors who --host ftp1 --format shell
            """);
        var user = new Option<string?>("--user") { Description = "Only this user; * stands for any characters.", HelpName = "NAME" };
        var host = new Option<string?>("--host") { Description = "Only this FTP host; * stands for any characters.", HelpName = "NAME" };
        var watch = new Option<string?>("--watch")
        {
            Description = $"Shows it again and again. Default: every {DefaultInterval}.", HelpName = "500ms|2s|1m", Arity = ArgumentArity.ZeroOrOne,
        };
        watch.Validators.Add(CheckInterval);
        var count = new Option<bool>("--count") { Description = "How many sessions there are of each user, host or client, the most first." };
        var by = new Option<string>("--by") { Description = "What --count counts by.", DefaultValueFactory = _ => "user", HelpName = "user|host|remote" };
        by.AcceptOnlyFromAmong("user", "host", "remote");
        foreach (var option in new Option[] { user, host, watch, count, by })
            command.Add(option);
        var options = new NodeOptions(command, more: FtpwhoFormat.All.Select(f => f.Name));
        command.Check(result =>
        {
            if (!result.GetValue(count) && result.IsGiven(by))
                result.AddError($"--by {result.GetValue(by)}: needs --count.");
            if (result.GetValue(count) && FtpwhoFormat.All.FirstOrDefault(f => f.Name == options.Format(result)) is { } format)
                result.AddError($"--format {format.Name}: pure-ftpwho has no counts; --count has text and json.");
        });
        command.SetAction(async (parsed, cancel) =>
        {
            (string, string?)[] filters = [("user", parsed.GetValue(user)), ("host", parsed.GetValue(host))];
            var question = parsed.GetValue(count)
                ? new NodeQuestion("/api/v1/who/count", [("by", parsed.GetValue(by)), .. filters], SessionColumns.Count(Heading(parsed.GetValue(by)!)), "Nobody is logged in.")
                : new NodeQuestion("/api/v1/who", filters, SessionColumns.Who, "Nobody is logged in.");
            Task<int> AnswerAsync(CancellationToken c) => FtpwhoFormat.All.FirstOrDefault(f => f.Name == options.Format(parsed)) is { } format
                ? WriteAsync(options.Connect(parsed), question, format, c)
                : options.WriteAsync(parsed, question.Path, question.Parameters, question.Columns, question.None, c);

            if (parsed.GetResult(watch) is null)
                return await AnswerAsync(cancel);
            _ = Durations.TryParse(parsed.GetValue(watch) ?? DefaultInterval, out var interval);
            return options.Format(parsed) == "text" && Watch.HasScreen
                ? await Watch.DrawAsync(options.Connect(parsed), question, interval, cancel)
                : await Watch.RepeatAsync(AnswerAsync, interval, cancel);
        });
        return command;
    }

    private static async Task<int> WriteAsync(NodeClient client, NodeQuestion question, FtpwhoFormat format, CancellationToken cancel)
    {
        using var node = client;
        using var output = new Output();
        var now = DateTimeOffset.UtcNow;
        var begun = false;
        await foreach (var session in node.ItemsAsync(question.Path, question.Parameters, cancel))
        {
            // Not before there is an answer: a node that is not there leaves no half of a document.
            if (!begun)
                output.Bytes(format.Head.Span);
            begun = true;
            output.Bytes(format.Row(FtpwhoRows.Of(session, now)));
        }
        if (!begun)
            output.Bytes(format.Head.Span);
        output.Bytes(format.Foot.Span);
        return ExitCodes.Ok;
    }

    private static void CheckInterval(OptionResult result)
    {
        if (result.Tokens is [var token] && (!Durations.TryParse(token.Value, out var interval) || interval < ShortestInterval || interval > LongestInterval))
            result.AddError($"--watch {token.Value}: must be a duration from 100ms to 1d, such as 500ms, 2s or 1m.");
    }

    private static string Heading(string by) => by switch { "user" => "USER", "host" => "HOST", _ => "FROM" };
}
