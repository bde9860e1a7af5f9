using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FtpActors.Actors.Actions.Linux;
using FtpActors.Protocol;
using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Actors.Logins;

/// <summary>
/// The site's own check of passwords: a program as for pure-authd, which finds the login in its environment (<c>AUTHD_ACCOUNT</c>, <c>AUTHD_PASSWORD</c>,
/// <c>AUTHD_LOCAL_IP</c>, <c>AUTHD_LOCAL_PORT</c>, <c>AUTHD_REMOTE_IP</c>, <c>AUTHD_ENCRYPTED</c>, <c>AUTHD_CLIENT_SNI_NAME</c>; what is empty is not set) and
/// writes the reply to its standard output. No shell, standard input and error are /dev/null. What it writes is never logged: it may have the password in it.
/// </summary>
public sealed class LoginCheck : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly List<byte[]> _command;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly ChildLoop _loop = new();

    /// <summary>With its program.</summary>
    /// <param name="command">Full path of the program, and arguments if any. They show in lists of processes.</param>
    /// <param name="timeout">How long it may take; then it is ended, with its children.</param>
    /// <param name="time">The clock.</param>
    public LoginCheck(IReadOnlyList<string> command, TimeSpan timeout, TimeProvider time)
    {
        _command = [.. command.Select(Encoding.UTF8.GetBytes)];
        (_timeout, _time) = (timeout, time);
    }

    /// <summary>Runs the program for a login. How many run at once is bounded by the caller.</summary>
    /// <returns>Its reply, or why there is none.</returns>
    public async Task<(AuthReply? Reply, string? Trouble)> RunAsync(AuthRequest request, CancellationToken stop)
    {
        var environment = Environment(request);
        if (environment.Exists(v => v.Contains((byte)0)))
            return (null, "the login has a NUL byte, which no program can be given");
        Child child;
        try
        {
            child = Start(environment);
        }
        catch (IOException e)
        {
            return (null, e.Message);
        }
        ChildExit exit;
        await using (stop.UnsafeRegister(static c => ((Child)c!).Stop(), child).ConfigureAwait(false))
            exit = await child.Finished.ConfigureAwait(false);
        if (exit.TimedOut)
        {
            return (null, stop.IsCancellationRequested
                ? "the node stops"
                : string.Create(CultureInfo.InvariantCulture, $"it was ended, because it ran longer than {_timeout.TotalSeconds} s"));
        }
        if (exit.Signal != 0)
            return (null, $"it was ended by signal {exit.Signal}");
        var output = child.Ends.Total > AuthReply.LargestReply ? new byte[AuthReply.LargestReply + 1] : ReversibleText.ToBytes(child.Ends.First);
        return AuthReply.TryDecode(output, out var reply, out var reason) ? (reply, null) : (null, $"its reply cannot be used: {reason}");
    }

    /// <summary>Frees the loop. No program may be running.</summary>
    public void Dispose() => _loop.Dispose();

    private static List<byte[]> Environment(AuthRequest request)
    {
        var variables = new List<byte[]>();
        Add("PATH", Encoding.UTF8.GetBytes(System.Environment.GetEnvironmentVariable("PATH") ?? ""));
        Add("AUTHD_ACCOUNT", ReversibleText.ToBytes(request.Account));
        Add("AUTHD_PASSWORD", request.Password);
        Add("AUTHD_LOCAL_IP", ReversibleText.ToBytes(request.LocalHost));
        Add("AUTHD_LOCAL_PORT", Encoding.ASCII.GetBytes(request.LocalPort == 0 ? "" : request.LocalPort.ToString(CultureInfo.InvariantCulture)));
        Add("AUTHD_REMOTE_IP", ReversibleText.ToBytes(request.Peer));
        Add("AUTHD_ENCRYPTED", request.IsEncrypted ? "1"u8 : "0"u8);
        Add("AUTHD_CLIENT_SNI_NAME", ReversibleText.ToBytes(request.SniName));
        return variables;

        void Add(string name, ReadOnlySpan<byte> value)
        {
            if (!value.IsEmpty)
                variables.Add([.. Encoding.ASCII.GetBytes(name), (byte)'=', .. value]);
        }
    }

    /// <exception cref="IOException">It was not started; the message says why.</exception>
    private Child Start(List<byte[]> environment)
    {
        var (read, write) = Libc.Pipe();
        var errno = Spawn.Start(_command, environment, "/"u8.ToArray(), write, out var pid, withErrors: false);
        _ = Libc.close(write);
        var pidDescriptor = errno == 0 ? Libc.OpenPid(pid) : -1;
        if (pidDescriptor >= 0)
        {
            var child = new Child(_loop, pid, pidDescriptor, read, _timeout, Grace, _time);
            _loop.Add(child);
            return child;
        }
        if (errno == 0)
        {
            // Out of descriptors: nobody could watch it, so it must not run on.
            errno = Marshal.GetLastPInvokeError();
            _ = Libc.kill(-pid, Libc.SIGKILL);
            _ = Libc.Reap(pid);
        }
        _ = Libc.close(read);
        throw new IOException($"{Encoding.UTF8.GetString(_command[0])} was not started: {Libc.Message(errno)}");
    }
}
