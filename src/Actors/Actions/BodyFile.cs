using System.Text;
using FtpActors.Actors.Rules;

namespace FtpActors.Actors.Actions;

/// <summary>A look at the file of a mail's body before it is needed.</summary>
public static class BodyFile
{
    /// <summary>What is wrong with it, with its name; null when nothing is.</summary>
    /// <param name="path">Full path of the template.</param>
    /// <param name="userFields">Fields of the user directory, null when they are not known.</param>
    public static string? Problem(string path, IReadOnlyCollection<string>? userFields)
    {
        try
        {
            _ = Template.Compile(File.ReadAllText(path, Encoding.UTF8), BodyFiles.IsHtml(path), userFields);
            return null;
        }
        catch (FormatException e)
        {
            return $"{path}: {e.Message}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {e.Message}";
        }
    }
}
