namespace FtpActors.Node.Access;

/// <summary>What a token is good for.</summary>
internal enum Role
{
    /// <summary>May look at everything and change nothing.</summary>
    Reader,
    /// <summary>May do everything.</summary>
    Operator,
}

/// <summary>The words for roles.</summary>
internal static class Roles
{
    /// <summary>All of them.</summary>
    public static readonly string[] All = ["reader", "operator"];

    public static string Of(Role role) => All[(int)role];

    public static bool TryParse(string? word, out Role role)
    {
        role = (Role)Math.Max(0, Array.IndexOf(All, word));
        return All.Contains(word, StringComparer.Ordinal);
    }
}
