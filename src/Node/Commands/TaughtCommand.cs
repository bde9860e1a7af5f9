using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace FtpActors.Node.Commands;

/// <summary>A command whose help teaches: its first sentence stands in the list of commands, the rest, with examples, below its own help.</summary>
internal sealed class TaughtCommand(string name, string text) : Command(name, FirstSentence(text))
{
    /// <summary>Makes the program's help show the rest.</summary>
    public static void TeachIn(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Teaching((SynchronousCommandLineAction)help.Action!);
    }

    private string Rest { get; } = text[FirstSentence(text).Length..].Trim();

    private static string FirstSentence(string text)
    {
        var end = text.IndexOfAny(['.', '\n']);
        while (end >= 0 && end + 1 < text.Length && text[end] == '.' && !char.IsWhiteSpace(text[end + 1]))
            end = text.IndexOfAny(['.', '\n'], end + 1);
        return end < 0 ? text : text[..(end + 1)].TrimEnd('\n');
    }

    private sealed class Teaching(SynchronousCommandLineAction standard) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command is TaughtCommand { Rest.Length: > 0 } command)
                parseResult.InvocationConfiguration.Output.WriteLine(command.Rest);
            return code;
        }
    }
}
