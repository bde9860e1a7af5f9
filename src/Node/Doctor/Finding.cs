namespace FtpActors.Node.Doctor;

/// <summary>How a check came out.</summary>
internal enum FindingLevel
{
    /// <summary>As it should be.</summary>
    Ok,
    /// <summary>Works, but may lose or be slow.</summary>
    Warn,
    /// <summary>Does not work.</summary>
    Fail,
}

/// <summary>One thing that was checked.</summary>
/// <param name="Level">How it came out.</param>
/// <param name="Source">The source, "node" for the node itself.</param>
/// <param name="What">What is so.</param>
/// <param name="Mend">How to mend it, "" when there is nothing to mend.</param>
internal sealed record Finding(FindingLevel Level, string Source, string What, string Mend = "");

/// <summary>Takes the findings of one source.</summary>
internal sealed class Findings(string source, List<Finding> all)
{
    /// <summary>Adds one: fine, or of a level with the way to mend it.</summary>
    public void Check(bool isFine, string what, FindingLevel otherwise, string wrong, string mend) =>
        all.Add(isFine ? new Finding(FindingLevel.Ok, source, what) : new Finding(otherwise, source, wrong, mend));

    /// <summary>Adds one that is fine, or only to be known.</summary>
    public void Say(string what) => all.Add(new Finding(FindingLevel.Ok, source, what));

    /// <summary>Adds one that is not.</summary>
    public void Add(FindingLevel level, string what, string mend) => all.Add(new Finding(level, source, what, mend));
}
