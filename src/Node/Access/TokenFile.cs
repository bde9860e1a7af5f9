using System.Text.Json;
using FtpActors.Node.Configuration;

namespace FtpActors.Node.Access;

/// <summary>The file of tokens cannot be used; the message says why and what to do.</summary>
internal sealed class TokenFileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The tokens of a node as a file of JSON, changed by <c>ftpactors token</c> and read by the node.</summary>
internal static class TokenFile
{
    // Hashes of random numbers say nothing to who reads them, and the node may run as another user than the one who made the file.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly JsonSerializerOptions Written = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The tokens, in the order they were made; none when there is no file.</summary>
    /// <exception cref="TokenFileException">It cannot be read.</exception>
    public static IReadOnlyList<Token> Read(string file)
    {
        try
        {
            return File.Exists(file) ? [.. (JsonSerializer.Deserialize<List<Line>>(File.ReadAllBytes(file), Written) ?? []).Select(line => Token(file, line))] : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new TokenFileException($"The tokens in {file} cannot be read: {e.Message} No token is valid until it is put right; without the file, begin anew by 'ftpactors token new'.", e);
        }
    }

    /// <summary>Changes the file as a whole, or not at all; one change at a time.</summary>
    /// <exception cref="TokenFileException">It cannot be changed.</exception>
    public static void Change(string file, Func<IReadOnlyList<Token>, IReadOnlyList<Token>> change)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using var gate = new FileStream(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            var tokens = change(Read(file)).Select(t => new Line(t.Name, Roles.Of(t.Role), Convert.ToHexStringLower(t.Hash), t.CreatedAt, t.ExpiresAt)).ToList();
            using (var output = new FileStream(file + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Mode }))
            {
                JsonSerializer.Serialize(output, tokens, Written);
                output.Flush(flushToDisk: true);
            }
            File.Move(file + ".new", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TokenFileException($"The tokens in {file} cannot be changed: {e.Message}", e);
        }
    }

    private static Token Token(string file, Line line) =>
        NodeSection.IsName(line.Name) && Roles.TryParse(line.Role, out var role) && Convert.FromHexString(line.Hash) is { Length: 32 } hash
            ? new Token(line.Name, role, hash, line.CreatedAt, line.ExpiresAt)
            : throw new FormatException($"'{line.Name}' is no token with a name, a role and the SHA-256 hash of a secret in {file}.");

    private sealed record Line(string Name, string Role, string Hash, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);
}
