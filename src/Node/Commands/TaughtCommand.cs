using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;

namespace FtpActors.Node.Commands;

/// <summary>
/// A command whose help teaches: the first sentence of its text stands in the list of commands, the rest, with examples, below its own help.
/// The first paragraph is prose and broken anew; what follows (examples) stays as it is.
/// </summary>
internal sealed class TaughtCommand : Command
{
    private const int Columns = 110;

    public TaughtCommand(string name, string text) : base(name)
    {
        var lines = text.ReplaceLineEndings("\n");
        var paragraph = lines.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var end ? end : lines.Length;
        var prose = lines[..paragraph].Replace('\n', ' ');
        Description = FirstSentence(prose);
        Rest = $"{Broken(prose[Description.Length..])}{lines[paragraph..]}".Trim('\n');
    }

    /// <summary>Makes the program's help show the rest.</summary>
    public static void TeachIn(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Teaching((SynchronousCommandLineAction)help.Action!);
    }

    /// <summary>Adds a check of several values together. A value that cannot be read ends it: the parser tells of that one by itself.</summary>
    public void Check(Action<CheckedValues> check) => Validators.Add(result =>
    {
        try
        {
            check(new CheckedValues(result));
        }
        catch (InvalidOperationException e) when (e.Message.StartsWith("Cannot parse", StringComparison.Ordinal))
        {
            // It stands among the errors already.
        }
    });

    private string Rest { get; }

    private static string FirstSentence(string prose) => prose.IndexOf(". ", StringComparison.Ordinal) is >= 0 and var end ? prose[..(end + 1)] : prose;

    private static string Broken(string prose)
    {
        var broken = new StringBuilder();
        var column = 0;
        foreach (var word in prose.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var fits = column + 1 + word.Length <= Columns;
            if (column > 0)
                broken.Append(fits ? ' ' : '\n');
            broken.Append(word);
            column = (column > 0 && fits ? column + 1 : 0) + word.Length;
        }
        return broken.ToString();
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
