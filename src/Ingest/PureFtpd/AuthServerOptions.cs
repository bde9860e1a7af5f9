using FtpActors.Protocol.PureFtpd;

namespace FtpActors.Ingest.PureFtpd;

/// <summary>Settings of <see cref="AuthServer"/>.</summary>
public sealed record AuthServerOptions
{
    /// <summary>Path of the socket, the one that Pure-FTPd is given as <c>-l extauth:PATH</c>. At most 103 bytes.</summary>
    public required string Socket { get; init; }

    /// <summary>Logins answered at once, 1 to 10,000; further ones wait in the kernel. Default 256.</summary>
    public int Connections { get; init; } = 256;

    /// <summary>How long a request may take to come, and its reply to go. The server sends a request in one piece. Default 2 s.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>What <see cref="AuthServer"/> asks for its replies. Called on any thread, many times at once.</summary>
public interface IAuthDecisions
{
    /// <summary>Answers a login. Must have its own limit of time: the server and its client wait without one.</summary>
    Task<AuthReply> DecideAsync(AuthRequest request, CancellationToken stop);

    /// <summary>Answers what is no request.</summary>
    /// <param name="reason">Why it is none, for a person; it never has the password.</param>
    AuthReply DecideBad(string reason);

    /// <summary>Answers a login whose decision failed in a way that was not foreseen.</summary>
    AuthReply DecideFailed(Exception e);
}

/// <summary>The socket cannot be opened; the message names it and the way out.</summary>
public sealed class AuthSocketException(string message, Exception? inner = null) : IOException(message, inner);
