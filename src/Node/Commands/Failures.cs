using System.CommandLine;
using System.CommandLine.Parsing;
using FtpActors.Actors.Rules;
using FtpActors.Ingest.Linux;
using FtpActors.Node.Access;
using FtpActors.Node.Configuration;
using FtpActors.Node.Hosting;
using FtpActors.Node.Text;
using FtpActors.Protocol;

namespace FtpActors.Node.Commands;

/// <summary>A command failed in a way its user can understand; carries the exit code.</summary>
internal class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>No node answers where one was asked.</summary>
internal sealed class NoNodeException(string message, Exception inner) : CommandException(ExitCodes.Usage, message, inner);

/// <summary>What users see of failures: one clear line on stderr and an exit code. A stack trace means an error of the program.</summary>
internal static class Failures
{
    /// <summary>A command line that cannot be understood.</summary>
    public static int Usage(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is [{ } unknown, ..])
        {
            // Errors about what is missing would only distract from the word that was mistyped.
            var known = command.Subcommands.Select(c => c.Name).Concat(command.Options.Select(o => o.Name));
            var near = known.OrderBy(k => Nearest.Distance(k, unknown)).FirstOrDefault();
            var hint = near is not null && Nearest.Distance(near, unknown) <= 2 ? $" Did you mean '{near}'?" : "";
            Console.Error.WriteLine($"ftpactors: '{Visible.Of(unknown)}' is not known here.{hint}");
        }
        else
        {
            // A value that cannot be read makes other checks see a default: what they then say is not meant for the user.
            var unread = parsed.Errors.Where(IsUnread).ToList();
            foreach (var error in unread.Count > 0 ? unread : parsed.Errors)
                Console.Error.WriteLine($"ftpactors: {Visible.Of(Said(error))}");
        }
        Console.Error.WriteLine($"See: ftpactors {Way(command)}--help");
        return ExitCodes.Usage;
    }

    private static bool IsUnread(ParseError error) => error.Message.StartsWith("Cannot parse", StringComparison.Ordinal);

    // The parser's own messages name types of .NET, run over several lines, and do not name the option.
    private static string Said(ParseError error)
    {
        var (name, type) = error.SymbolResult switch
        {
            OptionResult o => (o.Option.Name, o.Option.ValueType),
            ArgumentResult { Parent: OptionResult o } => (o.Option.Name, o.Option.ValueType),
            ArgumentResult a => (a.Argument.Name, a.Argument.ValueType),
            _ => ("", typeof(string)),
        };
        var given = string.Join(' ', error.SymbolResult?.Tokens.Select(t => t.Value) ?? []);
        if (IsUnread(error))
        {
            type = type.GetElementType() ?? Nullable.GetUnderlyingType(type) ?? type;
            var wanted = type == typeof(double) ? "a number" : type == typeof(bool) ? "true or false" : "a whole number";
            return $"{name} {given}: must be {wanted}.";
        }
        var lines = error.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length < 2 ? error.Message : $"{name} {given}: must be one of {string.Join(", ", lines[1..].Select(l => l.Trim('\'')))}.";
    }

    // "deliveries retry " for a command within a command.
    private static string Way(Command command) =>
        command is RootCommand ? "" : string.Concat(command.Parents.OfType<Command>().Select(Way)) + command.Name + " ";

    /// <summary>Whether a failure is one that is reported by its message alone.</summary>
    public static bool IsExpected(Exception e, CancellationToken stop) =>
        e is CommandException or ConfigurationException or NodeStartException or JournalException or SystemVQueueException or OutputClosedException or TokenFileException
        || (e is OperationCanceledException && stop.IsCancellationRequested);

    /// <summary>Reports it.</summary>
    public static int Report(Exception e)
    {
        // Whoever read our output has enough (ftpactors events | head): no failure of ours.
        if (e is OutputClosedException)
            return ExitCodes.Ok;
        if (e is OperationCanceledException)
            return ExitCodes.Failed;
        Console.Error.WriteLine($"ftpactors: {Visible.Lines(e.Message)}");
        return e switch
        {
            CommandException c => c.ExitCode,
            ConfigurationException => ExitCodes.Usage,
            _ => ExitCodes.Failed,
        };
    }
}
