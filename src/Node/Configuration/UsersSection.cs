using System.Security.Cryptography;
using FtpActors.Actors.Rules;

namespace FtpActors.Node.Configuration;

/// <summary>Key <c>users</c>: the CSV file of the site's users.</summary>
/// <param name="File">Full path; null when there is none.</param>
/// <param name="Fields">The names of its fields, for the check of templates; null when they are not known.</param>
/// <param name="Count">Number of users.</param>
/// <param name="Digest">Digest of the file, to see whether it changed.</param>
internal sealed record UsersSection(string? File, IReadOnlyList<string>? Fields, int Count, string Digest)
{
    public static UsersSection Read(Section root)
    {
        if (root.OptionalFilePath("users") is not { } file)
            return new UsersSection(null, null, 0, "");
        try
        {
            var bytes = System.IO.File.ReadAllBytes(file);
            var (table, problems) = UserTable.Parse(bytes, file);
            root.Foreign(problems.Select(p => RulesSection.ProblemOf(file, p)));
            return new UsersSection(file, table?.Fields, table?.Count ?? 0, Convert.ToHexString(SHA256.HashData(bytes)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            root.Problem("users", $"{file} cannot be read: {e.Message}");
            return new UsersSection(file, null, 0, "");
        }
    }
}
