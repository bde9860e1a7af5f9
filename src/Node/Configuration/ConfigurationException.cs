namespace FtpActors.Node.Configuration;

/// <summary>One thing that is wrong in the configuration.</summary>
/// <param name="Origin">The file, or the environment variable that overrides it.</param>
/// <param name="Key">Path of the key, such as <c>sources.0.key</c>; "" for the whole file.</param>
/// <param name="Value">What stands there, as JSON; null when nothing does.</param>
/// <param name="Remedy">What is allowed and the way out.</param>
internal sealed record ConfigProblem(string Origin, string Key, string? Value, string Remedy)
{
    public override string ToString() =>
        Key.Length == 0 ? $"{Origin}: {Remedy}" : $"{Origin}: {Key}{(Value is null ? " is missing" : $" = {Value}")}: {Remedy}";
}

/// <summary>The configuration cannot be used; carries every problem that was found, not only the first.</summary>
internal sealed class ConfigurationException(IReadOnlyList<ConfigProblem> problems)
    : Exception($"the configuration has {(problems.Count == 1 ? "a problem" : $"{problems.Count} problems")}:\n  " + string.Join("\n  ", problems))
{
    public IReadOnlyList<ConfigProblem> Problems { get; } = problems;
}
