using System.CommandLine;

namespace FtpActors.Node.Commands;

/// <summary><c>completion</c>: scripts that let shells complete commands and options by asking the program.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _ftpactors() { local IFS=$'\n'; COMPREPLY=($("$1" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)); }
        complete -o default -F _ftpactors ftpactors ./ftpactors
        """;

    private const string Zsh = """
        #compdef ftpactors
        _ftpactors() { local -a words_found; words_found=("${(@f)$(${words[1]} "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}"); compadd -a words_found; }
        compdef _ftpactors ftpactors
        """;

    private const string Fish = """
        complete -c ftpactors -f -a '(ftpactors "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Make()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new TaughtCommand("completion",
            """
            Prints a script that completes commands and options in a shell.

            Examples:
              source <(ftpactors completion bash)
              ftpactors completion fish > ~/.config/fish/completions/ftpactors.fish
            """) { shell };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetRequiredValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash }));
        return command;
    }
}
