using Xunit.Abstractions;

namespace FtpActors.EndToEnd.Tests;

/// <summary>The class that takes longest begins first: begun last it would keep one core waiting for its end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(c => c.DisplayName.EndsWith(nameof(PackageTests), StringComparison.Ordinal));
}
