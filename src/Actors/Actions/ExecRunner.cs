using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FtpActors.Actors.Actions.Linux;
using FtpActors.Actors.Rules;
using FtpActors.Protocol;

namespace FtpActors.Actors.Actions;

/// <summary>Settings of <see cref="ExecRunner"/>.</summary>
public sealed record ExecOptions
{
    /// <summary>Time between SIGTERM and SIGKILL for a program that ran into its timeout. Default 5 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Where the lists of a session's files (<c>FTP_FILES</c>) are put while a program runs. Default the system's folder for temporary files.</summary>
    public string ListFolder { get; init; } = Path.GetTempPath();
}

/// <summary>
/// Runs programs (Linux 5.3 and later, glibc 2.29 and later): exact bytes in arguments and environment, no shell, a process group of its
/// own, stdin closed, output drained and its ends kept. A program that left children in the background and ended is done; one that ran
/// into its timeout takes its group along. How many run at once is the callers' to bound (<see cref="Deliveries.ActionSlots"/>).
/// </summary>
public sealed class ExecRunner : IActionRunner, IDisposable
{
    private const string SetPriv = "/usr/bin/setpriv";
    private static readonly string[] Inherited = ["PATH", "HOME", "LANG", "TZ"];

    private readonly ExecOptions _options;
    private readonly TimeProvider _time;
    private readonly ChildLoop _loop = new();

    /// <summary>With its settings.</summary>
    public ExecRunner(ExecOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
    }

    /// <inheritdoc/>
    public async Task<ActionOutcome> RunAsync(ActionContext context, CancellationToken cancel)
    {
        var action = (ExecAction)context.Action;
        FileList? list = null;
        try
        {
            var account = action.User is null ? null : Accounts.User(action.User);
            if (Obstacle(action, account) is { } obstacle)
                return obstacle;
            list = FileList.Of(context.Facts, _options.ListFolder, account);
            var arguments = Arguments(context, action, account);
            var environment = Environment(context, action, account, list);
            if (arguments.Concat(environment).Any(a => a.Contains((byte)0)))
                return ActionOutcome.Never("an argument or variable contains a NUL byte, which no program can be given");

            var (child, failure) = Start(arguments, environment, action);
            return child is null ? failure! : await WaitAsync(child, action, cancel).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            return ActionOutcome.Later($"{action.Program} was not started: {e.Message}");
        }
        finally
        {
            list?.Dispose();
        }
    }

    /// <summary>Frees the loop. No program may be running.</summary>
    public void Dispose() => _loop.Dispose();

    private static ActionOutcome? Obstacle(ExecAction action, Account? account)
    {
        if (action.User is null && action.Group is null)
            return null;
        if (action.User is not null && account is null)
            return ActionOutcome.Later($"there is no user '{action.User}' on this machine");
        if (Libc.geteuid() != 0)
            return ActionOutcome.Never($"{action.Program} is to run as another user or group, which only root may arrange; run the node as root or leave user and group out");
        return File.Exists(SetPriv) ? null : ActionOutcome.Never($"{SetPriv} is needed to run a program as another user; install util-linux");
    }

    private static List<byte[]> Arguments(ActionContext context, ExecAction action, Account? account)
    {
        var arguments = new List<byte[]>();
        if (account is not null)
        {
            var group = action.Group ?? account.GroupId.ToString(CultureInfo.InvariantCulture);
            string[] words = [SetPriv, $"--reuid={account.UserId}", $"--regid={group}", "--clear-groups", "--"];
            arguments.AddRange(words.Select(Encoding.UTF8.GetBytes));
        }
        else if (action.Group is not null)
        {
            string[] words = [SetPriv, $"--regid={action.Group}", "--clear-groups", "--"];
            arguments.AddRange(words.Select(Encoding.UTF8.GetBytes));
        }
        arguments.Add(Encoding.UTF8.GetBytes(action.Program));
        if (action.Arguments.Count > 0)
        {
            var values = context.TemplateValues();
            arguments.AddRange(action.Arguments.Select(a => a.RenderBytes(values)));
        }
        return arguments;
    }

    private static List<byte[]> Environment(ActionContext context, ExecAction action, Account? account, FileList? list)
    {
        var variables = FactsEnvironment.Of(context.Facts, context.Rule, context.DeliveryKey, context.Attempt);
        foreach (var name in Inherited)
        {
            if (System.Environment.GetEnvironmentVariable(name) is { } value)
                variables[name] = Encoding.UTF8.GetBytes(value);
        }
        if (account is not null)
            variables["HOME"] = Encoding.UTF8.GetBytes(account.Home);
        if (list is not null)
            variables["FTP_FILES"] = Encoding.UTF8.GetBytes(list.Path);
        if (context.FileIsLocal && context.Facts.Text("path") is { } path)
            UploadEnvironment.Add(variables, ReversibleText.ToBytes(path), context.Facts.Text("user"));
        if (action.Environment.Count > 0)
        {
            var values = context.TemplateValues();
            foreach (var (name, template) in action.Environment)
                variables[name] = template.RenderBytes(values);
        }
        return [.. variables.Select(v => (byte[])[.. Encoding.ASCII.GetBytes(v.Key), (byte)'=', .. v.Value])];
    }

    private (Child?, ActionOutcome?) Start(List<byte[]> arguments, List<byte[]> environment, ExecAction action)
    {
        var (read, write) = Libc.Pipe();
        var errno = Spawn.Start(arguments, environment, Encoding.UTF8.GetBytes(action.Folder), write, out var pid);
        _ = Libc.close(write);
        if (errno != 0)
        {
            _ = Libc.close(read);
            return (null, NotStarted(errno, action));
        }
        var pidDescriptor = Libc.OpenPid(pid);
        if (pidDescriptor < 0)
        {
            // Out of descriptors: nobody could watch it, so it must not run on.
            var why = Libc.Message(Marshal.GetLastPInvokeError());
            _ = Libc.kill(-pid, Libc.SIGKILL);
            _ = Libc.Reap(pid);
            _ = Libc.close(read);
            return (null, ActionOutcome.Later($"{action.Program} was started but could not be watched, so it was killed: {why}"));
        }
        var child = new Child(_loop, pid, pidDescriptor, read, action.Timeout, _options.Grace, _time);
        _loop.Add(child);
        return (child, null);
    }

    private static ActionOutcome NotStarted(int errno, ExecAction action)
    {
        var why = Libc.Message(errno);
        var advice = errno switch
        {
            Libc.ENOENT or Libc.ENOTDIR when !Directory.Exists(action.Folder) => $"there is no folder {action.Folder} to work in",
            Libc.ENOENT when File.Exists(action.Program) => "the program is there, but the interpreter in its first line is not",
            Libc.ENOENT or Libc.ENOTDIR => "there is no such program on this machine",
            Libc.EACCES => "it is not executable, or its folder or the working folder may not be entered",
            Libc.ENOEXEC => "it is neither a program nor a script that begins with #!",
            Libc.E2BIG => "arguments and environment are longer than the system allows; use FTP_FILES for lists",
            _ => why,
        };
        return new ActionOutcome(false, Retryable: errno is not (Libc.E2BIG or Libc.ENOEXEC), null, $"{action.Program} was not started: {advice}");
    }

    private static async Task<ActionOutcome> WaitAsync(Child child, ExecAction action, CancellationToken cancel)
    {
        ChildExit exit;
        await using (cancel.UnsafeRegister(static c => ((Child)c!).Stop(), child).ConfigureAwait(false))
            exit = await child.Finished.ConfigureAwait(false);
        if (exit.TimedOut)
            cancel.ThrowIfCancellationRequested();

        var summary = exit switch
        {
            { TimedOut: true } => $"{action.Program} was ended: it ran longer than {action.Timeout.TotalSeconds:0.###} s",
            { Signal: > 0 } => $"{action.Program} was ended by signal {exit.Signal}",
            { Code: 0 } => "exit code 0",
            _ => $"{action.Program} ended with exit code {exit.Code}",
        };
        if (child.Ends.Total > 2 * OutputEnds.Kept)
            summary += $"; {child.Ends.Total} bytes of output, first and last kept";
        return new ActionOutcome(exit is { Code: 0, TimedOut: false }, Retryable: true, exit.Code, summary, child.Ends.First, child.Ends.Last);
    }
}
