using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace FtpActors.Node.Tests;

/// <summary>The real program as a child process.</summary>
public sealed class RunningProgram : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private RunningProgram(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, e) => Append(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Append(_errors, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public string Errors
    {
        get { lock (_errors) return _errors.ToString(); }
    }

    public int Id => _process.Id;

    public static RunningProgram Start(params string[] arguments) => Start([], arguments);

    public static RunningProgram Start(Dictionary<string, string> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.ArgumentList.Add(typeof(RunningProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Program").Value!);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Remove("FTPACTORS_NODE");
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return new RunningProgram(new Process { StartInfo = start });
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(byte[]? input, params string[] arguments)
    {
        using var program = Start(arguments);
        if (input is not null)
            await program._process.StandardInput.BaseStream.WriteAsync(input);
        program._process.StandardInput.Close();
        var code = await program.EndAsync();
        return (code, program.Output, program.Errors);
    }

    /// <summary>Waits for its end; the exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
        // Waits for the ends of both streams as well.
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Waits until it has written something to stderr.</summary>
    public async Task SaysAsync(string text)
    {
        var clock = Stopwatch.StartNew();
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            if (_process.HasExited || clock.Elapsed > Limit)
                Assert.Fail($"Never said '{text}' but: {Errors}");
            await Task.Delay(20);
        }
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
                text.AppendLine(line);
        }
    }
}
