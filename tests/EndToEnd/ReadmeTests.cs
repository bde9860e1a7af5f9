using System.Diagnostics;
using System.Text.RegularExpressions;
using FtpActors.Protocol.NcFtpd;

namespace FtpActors.EndToEnd.Tests;

/// <summary>What a new user types first: the commands of README, taken from README and run by a shell as they stand there.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private const string Rule = """[ { "name": "new-video", "on": ["upload"], "path": ["*.avi"], "actions": [ { "exec": ["/bin/true"] } ] } ]""";

    /// <summary>Commands that a test cannot run, each with the reason.</summary>
    private static readonly Dictionary<string, string> Left = new()
    {
        ["demo"] = "has a test of its own, without options",
        ["bench"] = "measures for minutes",
        ["bench actions"] = "measures for minutes",
        ["bench stored"] = "measures for minutes",
        ["bench face"] = "measures for minutes",
        ["bench kafka"] = "measures for minutes",
        ["bench watch"] = "measures for minutes, beside foreign programs",
        ["bench cluster"] = "measures for minutes, and needs a database",
        ["bench pureftpd"] = "measures for minutes, beside a foreign program",
    };

    /// <summary>Commands whose example names something that only some nodes have; on another it is told so, with exit code 1.</summary>
    private static readonly string[] OnlySomeNodesHaveIt =
    [
        "deliveries show", "deliveries retry", "quarantine show", "authd status", "authd slots", "cluster show", "cluster list-nodes", "cluster status", "cluster shards",
        "cluster rebalance", "cluster leave", "cluster down", "cluster down-unreachable", "cluster join",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_example_of_the_command_table_runs_as_it_stands()
    {
        var examples = Example().Matches(await ReadmeAsync() + await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "commands.md"))).Select(m => (Name: m.Groups["name"].Value, Text: m.Groups["text"].Value)).ToList();
        Assert.True(examples.Count >= 30, $"{examples.Count}");
        Assert.Empty(Left.Keys.Except(examples.Select(e => e.Name)));
        await using var node = new TestNode(
            rules: Rule, sources: """{ "name": "ncftpd", "kind": "ncftpd-udp", "listen": "127.0.0.1:9721", "allow": ["127.0.0.1"] }""");
        await node.StartAsync();
        var login = new NcFtpdMessage { Type = "LOGIN", User = "anna", Email = "", Host1 = "ftp.example.org", Host2 = "192.0.2.7" };
        node.Send(login);
        await node.AppliedAsync(1);
        await File.WriteAllBytesAsync(_folder["message"], NcFtpdEncoder.Encode(login));
        await File.WriteAllTextAsync(_folder["new.conf"], Rule);
        await File.WriteAllTextAsync(_folder["node.conf"], $$"""{ "node": { "listen": "127.0.0.1:0" }, "rules": {{Rule}} }""");
        var variables = new Dictionary<string, string> { ["FTPACTORS_NODE"] = node.Url, ["PATH"] = $"{FolderOfProgram()}:{Environment.GetEnvironmentVariable("PATH")}" };

        var wrong = new List<string>();
        foreach (var (name, text) in examples.Where(e => !Left.ContainsKey(e.Name)))
        {
            // The site's folders are temporary ones here; what does not end by itself is ended like a service or by Ctrl-C.
            var command = text.Replace("/etc/ftpactors", _folder[""].TrimEnd('/'), StringComparison.Ordinal).Replace("/var/lib/ftpactors", node.Data, StringComparison.Ordinal);
            var endless = name == "run" || text.Contains("--follow", StringComparison.Ordinal);
            var (code, output) = await ShellAsync(endless ? $"timeout --foreground --preserve-status -s INT 5 {command}" : command, _folder[""], variables, TimeSpan.FromSeconds(60));
            if (!(code == 0 || (code == 1 && OnlySomeNodesHaveIt.Contains(name))) || output.Contains("Unhandled exception", StringComparison.Ordinal))
                wrong.Add($"{text}: {code}\n{output}");
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    // A program of the name that README has, as a package would install it.
    private string FolderOfProgram()
    {
        var program = _folder["ftpactors"];
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{Program.Dll}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Path.GetDirectoryName(program)!;
    }

    internal static async Task<(int Code, string Output)> ShellAsync(string command, string folder, Dictionary<string, string> variables, TimeSpan limit)
    {
        // One stream: a person sees both on one terminal.
        var start = new ProcessStartInfo("bash", ["-c", $"exec 2>&1; {command}"])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var shell = Process.Start(start)!;
        shell.StandardInput.Close();
        using var cancel = new CancellationTokenSource(limit);
        try
        {
            var output = await shell.StandardOutput.ReadToEndAsync(cancel.Token);
            await shell.WaitForExitAsync(cancel.Token);
            return (shell.ExitCode, output);
        }
        catch (OperationCanceledException)
        {
            shell.Kill(entireProcessTree: true);
            return (-1, $"not over after {limit}");
        }
    }

    internal static Task<string> ReadmeAsync() => File.ReadAllTextAsync(Path.Combine(Root(), "README.md"));

    internal static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "FtpActors.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No FtpActors.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }

    [GeneratedRegex(@"^    (?<command>\./\S+(?: [^\s#]+)*)", RegexOptions.Multiline)]
    internal static partial Regex FirstCommands();

    [GeneratedRegex(@"^\| `(?<name>[a-z -]+)` \|.*\| `(?<text>[^`]+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Example();
}

/// <summary>The first command of all, which builds the program that the tests of other classes run.</summary>
[Collection(Alone.Name)]
public sealed class ReadmeDemoTests
{
    [Fact]
    public async Task The_first_command_of_the_README_is_the_demo_and_it_works_as_it_stands_there()
    {
        var command = ReadmeTests.FirstCommands().Match(await ReadmeTests.ReadmeAsync()).Groups["command"].Value;
        Assert.Equal("./ftpactors demo", command);
        // From a clone: the first use builds.
        var (code, output) = await ReadmeTests.ShellAsync(command, ReadmeTests.Root(), [], TimeSpan.FromMinutes(5));
        Assert.True(code == 0, output);
        Assert.Contains("Every session was rebuilt exactly as it was sent", output, StringComparison.Ordinal);
    }
}
