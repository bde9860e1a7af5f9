namespace FtpActors.Actors.Actions;

/// <summary>A secret that a rule points to cannot be had. The message names the file or variable and the way out.</summary>
internal sealed class SecretException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Secrets stand in files or in the node's environment, never in a rule. Read on each use, so a new one counts at once.</summary>
internal static class Secret
{
    /// <summary>The text without its final line break; null when there is neither a file nor a variable.</summary>
    public static async Task<string?> ReadAsync(string? file, string? variable, CancellationToken cancel)
    {
        if (variable is not null)
        {
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new SecretException($"the environment variable {variable} with the secret is not set for the node");
        }
        if (file is null)
            return null;
        try
        {
            var text = (await File.ReadAllTextAsync(file, cancel).ConfigureAwait(false)).TrimEnd('\r', '\n');
            return text.Length > 0 ? text : throw new SecretException($"{file}: the file with the secret is empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SecretException($"{file}: the file with the secret cannot be read: {e.Message}", e);
        }
    }
}
