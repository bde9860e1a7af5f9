namespace FtpActors.Actors.Actions;

/// <summary>How the talk with the mail server is protected.</summary>
public enum MailSecurity
{
    /// <summary>Not at all: a relay on this machine or a trusted net. No login then.</summary>
    None,
    /// <summary>TLS after STARTTLS, which the server must offer (port 587 or 25).</summary>
    StartTls,
    /// <summary>TLS from the first byte (port 465).</summary>
    Tls,
}

/// <summary>The mail server of a node.</summary>
public sealed record MailOptions
{
    /// <summary>Name of the server; its certificate must be for this name.</summary>
    public required string Host { get; init; }
    /// <summary>Port, 1 to 65535. Default 587.</summary>
    public int Port { get; init; } = 587;
    /// <summary>Default <see cref="MailSecurity.StartTls"/>.</summary>
    public MailSecurity Security { get; init; } = MailSecurity.StartTls;
    /// <summary>File with one or more certificates (PEM) to trust instead of the system's; null for the system's.</summary>
    public string? CaFile { get; init; }
    /// <summary>Login; null for none.</summary>
    public string? User { get; init; }
    /// <summary>File with the password.</summary>
    public string? PasswordFile { get; init; }
    /// <summary>Environment variable with the password, instead of a file.</summary>
    public string? PasswordVariable { get; init; }
    /// <summary>Sender of rules that name none.</summary>
    public required string From { get; init; }
    /// <summary>The name that this node gives itself in EHLO and Message-ID, a host name. Default the machine's.</summary>
    public string HelloName { get; init; } = Environment.MachineName;
}
