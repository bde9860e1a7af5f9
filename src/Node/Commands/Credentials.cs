using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FtpActors.Node.Commands;

/// <summary>What a command shows a node, and knows it by.</summary>
internal static class Credentials
{
    /// <summary>The token of an option, of the environment or of the user's file; null when there is none of them.</summary>
    /// <exception cref="CommandException">A file that was named cannot be read.</exception>
    public static string? Token(string? option)
    {
        var own = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "ftpactors", "token");
        return (option ?? Variable("FTPACTORS_TOKEN")) switch
        {
            ['@', .. var file] => Read(file),
            { } token => token.Trim(),
            null => File.Exists(own) ? Read(own) : null,
        };
    }

    /// <summary>The authority of an option or of the environment; null for those of the system.</summary>
    /// <exception cref="CommandException">Its file cannot be used.</exception>
    public static X509Certificate2? Authority(string? option)
    {
        if ((option ?? Variable("FTPACTORS_CA")) is not { } file)
            return null;
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (CryptographicException e)
        {
            throw new CommandException(ExitCodes.Usage, $"--ca {file}: {e.Message}", e);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCodes.Usage, $"the token in {file} cannot be read: {e.Message}", e);
        }
    }
}
