using FtpActors.Actors.Actions;

namespace FtpActors.Node.Configuration;

/// <summary>Section <c>mail</c>: the server that mail actions use. The password stands in a file or an environment variable, never here.</summary>
internal static class MailSection
{
    private static readonly (string Word, MailSecurity Security)[] Securities =
        [("starttls", MailSecurity.StartTls), ("tls", MailSecurity.Tls), ("none", MailSecurity.None)];

    /// <summary>The mail server; null when the configuration has none.</summary>
    public static MailOptions? Read(Section root)
    {
        if (root.Raw("mail") is null)
            return null;
        var s = root.Sub("mail");
        var word = s.OneOf("tls", "starttls", [.. Securities.Select(t => t.Word)]);
        var security = Array.Find(Securities, t => t.Word == word).Security;
        var options = new MailOptions
        {
            Host = s.Text("host", null, "must be the name of the mail server, the one that its certificate is for", IsHost),
            Port = (int)s.Whole("port", security switch { MailSecurity.Tls => 465, MailSecurity.None => 25, _ => 587 }, 1, 65535),
            Security = security,
            CaFile = s.OptionalFilePath("ca_file"),
            User = s.OptionalText("user", "must be the login at the mail server", t => t.Length is > 0 and <= 256),
            PasswordFile = s.OptionalFilePath("password_file"),
            PasswordVariable = s.OptionalText("password_env", "must be the name of an environment variable", IsVariable),
            From = s.Text("from", null, "must be one mail address, with or without a name, the sender of mails that name none", MailAddresses.IsOne),
            HelloName = s.Text("hello_name", Environment.MachineName, "must be the name that this node gives itself, a host name", IsHost),
        };
        Check(s, options);
        s.Done();
        return options;
    }

    private static void Check(Section s, MailOptions o)
    {
        if (o.PasswordFile is not null && o.PasswordVariable is not null)
            s.Problem("password_env", "is given beside password_file; keep one.");
        if (o.User is not null && o.PasswordFile is null && o.PasswordVariable is null)
            s.Problem("user", "needs a password: name its file by password_file or its environment variable by password_env.");
        if (o.User is null && (o.PasswordFile is not null || o.PasswordVariable is not null))
            s.Problem("user", "is needed beside a password.");
        if (o.User is not null && o.Security == MailSecurity.None)
            s.Problem("tls", "must be \"starttls\" or \"tls\" when there is a user: a password is not sent in the clear.");
        foreach (var (name, file) in new[] { ("password_file", o.PasswordFile), ("ca_file", o.CaFile) })
        {
            if (file is not null && !File.Exists(file))
                s.Problem(name, $"there is no file {file}.");
        }
    }

    private static bool IsHost(string text) =>
        text.Length is > 0 and <= 253 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '_');

    private static bool IsVariable(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
